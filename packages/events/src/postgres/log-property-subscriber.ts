import type { AnyChangeEvent, PositionEvent, ResyncEvent, StreamEvent } from '../event.ts';
import { createBookmark } from '../live/bookmark.ts';
import type { Hub } from '../server/hub.ts';

/** Whom the hub delivers to: teams. */
export interface Person {
  readonly teams: readonly number[];
  /** Undefined: all. */
  readonly channels?: readonly string[];
}

export type PropertyHub = Hub<Person, AnyChangeEvent>;

/** When a stream breaks off by itself. */
export interface Temper {
  /** As soon as it is opened, before it has brought anything. */
  breaksAtOnce(): boolean;
  /** After so many frames, of all that it has read. */
  breaksAfter(frames: number): boolean;
  /** Comes back at once, or when the schedule says. */
  readonly impatient: boolean;
}

/** A stream that breaks anywhere and comes back, with the position it has, to any server. */
export interface Subscriber {
  readonly person: Person;
  readonly impatient: boolean;
  readonly connected: boolean;
  /** What it has heard, without repetitions. */
  readonly heard: readonly AnyChangeEvent[];
  /** Channels of which it was told to start over. */
  readonly truncated: ReadonlySet<string>;
  /** What may never be said here: nothing is pruned, and nobody is too far behind. */
  readonly startedOver: readonly string[];
  /** How often it came back. */
  readonly resumes: number;
  /** Resolves once the stream has begun, or has broken off. */
  connect(hub: PropertyHub): Promise<void>;
  disconnect(): void;
  /** From now on it breaks off no more by itself. */
  stay(): void;
}

export function createSubscriber(person: Person, temper: Temper): Subscriber {
  const bookmark = createBookmark();
  const heard: AnyChangeEvent[] = [];
  const truncated = new Set<string>();
  const startedOver: string[] = [];
  let stream: AbortController | undefined;
  let breaks = true;
  let resumes = 0;
  let read = 0;

  function take(id: string, data: StreamEvent<AnyChangeEvent>): void {
    const told = data as AnyChangeEvent | ResyncEvent | PositionEvent;
    if (!bookmark.note(id, 'seq' in told ? told.seq : undefined)) return;
    if ('reason' in told) {
      const { reason, channels } = told as ResyncEvent;
      if (reason === 'truncated-table') for (const channel of channels ?? []) truncated.add(channel);
      else startedOver.push(reason);
    } else if ('seq' in told) heard.push(told);
  }

  return {
    person,
    impatient: temper.impatient,
    heard,
    truncated,
    startedOver,
    get connected() {
      return stream !== undefined;
    },
    get resumes() {
      return resumes;
    },
    async connect(hub) {
      const mine = new AbortController();
      stream = mine;
      if (bookmark.position !== undefined) resumes += 1;
      const begun = Promise.withResolvers<void>();
      const frames = await hub.subscribe({
        key: person,
        ...(person.channels && { channels: person.channels }),
        lastEventId: bookmark.position,
        signal: mine.signal,
      });
      // The first time it needs a position to come back with.
      if (breaks && bookmark.position !== undefined && temper.breaksAtOnce()) {
        mine.abort();
        stream = undefined;
        return;
      }
      void (async () => {
        for await (const { id, data } of frames) {
          if (mine.signal.aborted) break;
          take(id, data);
          begun.resolve();
          read += 1;
          if (breaks && temper.breaksAfter(read)) break;
        }
        mine.abort();
        if (stream === mine) stream = undefined;
        begun.resolve();
      })();
      await begun.promise;
    },
    disconnect() {
      stream?.abort();
      stream = undefined;
    },
    stay() {
      breaks = false;
    },
  };
}
