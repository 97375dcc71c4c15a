import { LOG_CHANNEL } from './change-log-sql.ts';
import { decodePosition, type Position } from './position.ts';

/** What was notified on a channel. */
export interface Rung {
  readonly channel: string;
  readonly payload: string;
}

/** What the pump says after a batch's events: where it began and ended, and whose events these were. */
export interface Mark {
  readonly from: Position;
  readonly to: Position;
  /** `to` as it was written. */
  readonly until: string;
  /** The batch's events in the order of the log, each with its transaction; undefined: they must be read. */
  readonly events: readonly (Rung & { readonly xid: bigint })[] | undefined;
}

export type Heard =
  /** Something was committed: read the log. */
  | { readonly kind: 'ring' }
  /** An event of the pump's, whose mark follows: nothing to do yet. */
  | { readonly kind: 'pumped' }
  | { readonly kind: 'mark'; readonly mark: Mark };

export interface MarkCollector {
  hear(rung: Rung, processId: number): Heard;
  /** Notifications may have been lost, or the pump fallen silent: begin anew, and trust no process to send marks. */
  reset(): void;
  /** Whether events came of which no mark has told yet. */
  readonly unmarked: boolean;
  /** The processes to ask the database about: those that sent a mark in vain, and, `again`, those that are trusted. */
  doubted(again: boolean): readonly number[];
  /** Of those asked about, the role of the `allowed` may write the log. False: one that was trusted is so no more. */
  trust(asked: readonly number[], allowed: readonly number[]): boolean;
}

/** Processes remembered until they are asked about. A mark of one more is a ring like any other. */
const SUSPECTS = 100;

/**
 * Tells the pump's notifications from the writers'. Those of one transaction come in one piece, so what its process
 * sent since its last mark, with nobody else's in between, are the events of its next. Anybody may notify: a mark of a
 * process that is not trusted is but a reason to read.
 */
export function collectMarks(limit: number): MarkCollector {
  const suspects = new Set<number>();
  const trusted = new Set<number>();
  let pump: number | undefined;
  let sender: number | undefined;
  let run: Rung[] = [];

  function follow(processId: number): void {
    if (sender === processId) return;
    // Somebody else's notification amid the pump's: these were no events of a batch.
    if (sender === pump && run.length > 0) pump = undefined;
    sender = processId;
    run = [];
  }

  return {
    get unmarked() {
      return sender === pump && run.length > 0;
    },
    reset() {
      suspects.clear();
      trusted.clear();
      pump = undefined;
      sender = undefined;
      run = [];
    },
    hear(rung, processId) {
      follow(processId);
      if (rung.channel !== LOG_CHANNEL) {
        // One more than can be taken: such a batch must be read.
        if (run.length <= limit) run.push(rung);
        return { kind: processId === pump ? 'pumped' : 'ring' };
      }
      const mark = readMark(rung.payload, run);
      if (mark === undefined) return { kind: 'ring' };
      run = [];
      if (!trusted.has(processId)) {
        if (suspects.size < SUSPECTS) suspects.add(processId);
        return { kind: 'ring' };
      }
      pump = processId;
      return { kind: 'mark', mark };
    },
    doubted: (again) => [...suspects, ...(again ? trusted : [])],
    trust(asked, allowed) {
      let kept = true;
      for (const processId of asked) {
        // Who was forgotten since, by a reset, is to be asked about anew.
        const suspected = suspects.delete(processId);
        if (!allowed.includes(processId)) {
          if (!trusted.delete(processId)) continue;
          kept = false;
          if (pump === processId) pump = undefined;
        } else if (suspected) {
          trusted.add(processId);
          pump = processId;
        }
      }
      return kept;
    },
  };
}

function readMark(payload: string, run: readonly Rung[]): Mark | undefined {
  const { from: start, to: until, events, xids } = parse(payload);
  if (typeof start !== 'string' || typeof until !== 'string') return undefined;
  const from = decodePosition(start);
  const to = decodePosition(until);
  if (from === undefined || to === undefined) return undefined;
  const complete = isListOfNumbers(xids) && run.length === events && xids.length === events;
  return {
    from,
    to,
    until,
    events: complete
      ? run.map((rung, at) => ({ ...rung, xid: from.snapshot.xmin + BigInt(xids[at] ?? 0) }))
      : undefined,
  };
}

function isListOfNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one));
}

/** Whatever somebody else sent on this channel is no mark. */
function parse(payload: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(payload);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
