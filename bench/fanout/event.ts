/** The event that every server publishes, and what the load generator reads of it. */
import type { AnyChangeEvent } from '../../packages/events/src/index.ts';

export const CHANNEL = 'task_changes';

/** Ends every event and stands nowhere else in a stream, so that to count frames is to count this byte. */
export const MARK = '~'.charCodeAt(0);
/** Microseconds on the machine's clock, right before the mark. */
export const STAMP_LENGTH = 16;

export interface FanoutEvent extends AnyChangeEvent {
  readonly team_id: number;
  readonly due: string;
}

/** `due` is in milliseconds, when it should have been published: who publishes late does not hide it. */
export function fanoutEvent(seq: number, team: number, due: number): FanoutEvent {
  return {
    channel: CHANNEL,
    operation: 'UPDATE',
    seq,
    announced_at: new Date().toISOString(),
    team_id: team,
    id: '0198c1c4-7a5e-7b60-9d3f-3b8a51c2e7d4',
    name: 'Check the invoice of June 30',
    state: 'ACTIVE',
    due: stamp(due) + String.fromCharCode(MARK),
  };
}

/** On the wire as tRPC writes it: some 260 bytes. */
export function encodeFrame(event: FanoutEvent): string {
  return `data: ${JSON.stringify(event)}\nid: ${event.seq}\n\n\n`;
}

/** Copies of one text that differ in their stamps alone: what costs least to publish. */
export class ReadyBuffer {
  readonly #ready: Buffer;
  readonly #stampAt: number;

  constructor(text: string) {
    this.#ready = Buffer.from(text);
    this.#stampAt = this.#ready.indexOf(MARK) - STAMP_LENGTH;
  }

  /** One after the other in one buffer. */
  join(events: readonly FanoutEvent[]): Buffer {
    const size = this.#ready.length;
    const joined = Buffer.allocUnsafe(events.length * size);
    for (const [at, { due }] of events.entries()) {
      joined.set(this.#ready, at * size);
      joined.write(due, at * size + this.#stampAt, STAMP_LENGTH, 'latin1');
    }
    return joined;
  }
}

function stamp(milliseconds: number): string {
  return String(Math.round(milliseconds * 1_000)).padStart(STAMP_LENGTH, '0');
}
