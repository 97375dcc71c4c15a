/** How committed changes reach the hub, whatever brings them: batches of the log, between two positions. */
import type { Announcement } from './event.ts';

/** Everything committed after `from` and not after `to`, in the log's order. `from` is the `to` of the batch before. */
export interface Batch {
  readonly from: string;
  readonly to: string;
  readonly announcements: readonly Announcement[];
}

/** What a source feeds: the hub. Positions are opaque to it. */
export interface BatchSink {
  /** Called once before anything else: where batches begin, and whom to ask for reads. */
  attach(source: BatchSource, head: string): void;
  take(batch: Batch): void;
  /** What lies between the head and `to` cannot be told: everybody starts over from `to`. */
  gap(to: string, reason: GapReason): void;
}

export type GapReason = 'gap' | 'too-far-behind' | 'unknown-position';

/** What the hub asks of its source. */
export interface BatchSource {
  /**
   * Asks for one read of the log that begins after this call; all who ask meanwhile share it. First the sink gets its
   * batch (`take`, also an empty one when the head has moved, or `gap`), then, in the same turn of the event loop,
   * `then` is called: what is replayed ends exactly at the sink's head. Without a position nothing is replayed. While
   * the database is away, it waits. What it returns withdraws the question, where that still waits.
   */
  read(position: string | undefined, then: (replay: Replay) => void): (() => void) | undefined;
}

/** What was committed after a position, up to the sink's head; or why that cannot be told. */
export type Replay =
  | { readonly kind: 'events'; readonly to: string; readonly announcements: readonly Announcement[] }
  | {
      readonly kind: 'lost';
      readonly to: string;
      readonly reason: 'unknown-position' | 'too-far-behind';
    };
