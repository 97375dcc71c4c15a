import type pg from 'pg';

import { pauseBefore } from '../backoff.ts';
import type { BatchSink, BatchSource } from '../batch.ts';
import type { ChannelDefinitions } from '../contract.ts';
import { EventsError } from '../error.ts';
import type { Announcement } from '../event.ts';
import { createDecoder } from './decode.ts';
import type { LogConnection } from './log-connection.ts';
import { createSourceMetrics, type SourceMetrics } from './metrics.ts';
import type { Ask } from './source-asks.ts';
import { createLogCursor } from './source-cursor.ts';
import { collectMarks, type Mark, type Rung } from './source-marks.ts';
import { mayMark } from './source-trust.ts';
import { countUnheard } from './source-unheard.ts';

const SECOND = 1_000;
const SHORTEST_PAUSE = 50;
/** Events that one read may bring, and that a subscriber may be behind. */
const LIMIT = 10_000;
/** Notifications remembered to find out which events had none. */
const REMEMBERED = 1_000;
/** Marks kept while a read is under way. */
const HELD_MARKS = 1_000;

export interface SourceOptions {
  readonly definitions: ChannelDefinitions;
  readonly sink: BatchSink;
  readonly log: LogConnection;
  /** Something went wrong that the source recovers from by itself; of one outage it is told once. */
  readonly onError: (error: unknown) => void;
  /** Whether batches may come by the pump's notifications. False: by the log alone. Default: true. */
  readonly marks?: boolean | undefined;
  /** Events that one read may bring. Beyond it subscribers start over. */
  readonly readLimit?: number | undefined;
  /** Milliseconds after which the log is read though nothing was heard. */
  readonly safetyInterval?: number | undefined;
  /** Longest pause between attempts, in milliseconds. */
  readonly longestPause?: number | undefined;
}

/** Feeds a sink with batches: from the log, or from the pump's notifications while these are whole. */
export interface Source extends BatchSource, AsyncDisposable {
  readonly metrics: Readonly<SourceMetrics>;
  /** How many wait for a read. */
  readonly waiting: number;
  /** Reads for the first time, once somebody listens, and attaches the sink. Rejects when that fails. */
  begin(): Promise<void>;
  /** What was notified on a channel, and by which backend. */
  hear(rung: Rung, processId: number): void;
  /** LISTEN is in force anew: what was notified before may be lost. */
  listening(): void;
}

/**
 * One reader, one read at a time, of which all take their part: those who listen, those who resume, and the safety
 * read. Whatever prompts it, what it finds is one batch that begins where the one before ended.
 */
export function createSource(options: SourceOptions): Source {
  const { definitions, sink, log, onError, readLimit: limit = LIMIT, safetyInterval = SECOND } = options;
  const metrics = createSourceMetrics();
  const marks = collectMarks(limit);
  const unheard = countUnheard(REMEMBERED);
  const asks = new Set<Ask>();
  const decode = createDecoder(definitions);
  let prompted = false;
  let prompting = false;
  let reading = false;
  let closed = false;
  let pausing = false;
  let wake = (): void => undefined;
  let held: Mark[] = [];
  let reckoned = Date.now();
  let done = Promise.resolve();

  const source: Source = {
    metrics,
    get waiting() {
      return asks.size;
    },
    read(position, answer) {
      const ask: Ask = { position, answer };
      asks.add(ask);
      // While the database is away, thousands who ask must not make it busier.
      if (!pausing) wake();
      return () => void asks.delete(ask);
    },
    async begin() {
      await readOnce();
      done = run();
    },
    hear(rung, processId) {
      unheard.heard(rung);
      if (options.marks === false) return prompt();
      const heard = marks.hear(rung, processId);
      if (heard.kind === 'ring') prompt();
      else if (heard.kind === 'mark' && reading) hold(heard.mark);
      else if (heard.kind === 'mark') take(heard.mark);
    },
    listening() {
      marks.reset();
      held = [];
      prompt();
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      wake();
      await log[Symbol.asyncDispose]();
      await done;
    },
  };
  const cursor = createLogCursor({
    channels: Object.keys(definitions),
    sink,
    source,
    limit,
    metrics,
    toAnnouncement,
    onRead: (rows) => unheard.found(rows, prompting),
    onAnswered: (ask) => asks.delete(ask),
  });

  function prompt(): void {
    prompted = true;
    wake();
  }

  function take(mark: Mark): void {
    if (!cursor.take(mark)) prompt();
  }

  /** While a read is under way it is not known yet where the sink will stand. */
  function hold(mark: Mark): void {
    if (held.length < HELD_MARKS) held.push(mark);
    else prompt();
  }

  /** What cannot be read is told of, and its channel starts over: something changed there. */
  function toAnnouncement({ channel, payload }: Rung): Announcement {
    try {
      return decode(channel, payload);
    } catch (error) {
      if (!(error instanceof EventsError)) throw error;
      onError(error);
      return { kind: 'resync', channel };
    }
  }

  async function run(): Promise<void> {
    let told: string | undefined;
    for (let failures = 0; ;) {
      await rest(failures);
      if (closed) return;
      try {
        await readOnce();
        failures = 0;
        told = undefined;
      } catch (error) {
        if (closed) return;
        if (told !== String(error)) onError(error);
        told = String(error);
        failures += 1;
      }
    }
  }

  /** Whose marks count. About once an interval it asks again: a trusted process may be gone, and its id another's. */
  async function askWhomToTrust(client: pg.ClientBase, again: boolean): Promise<void> {
    const asked = marks.doubted(again);
    if (asked.length === 0) return;
    // What the marks held so far told of is found by the read that follows.
    if (!marks.trust(asked, await mayMark(client, asked))) held = [];
  }

  async function readOnce(): Promise<void> {
    const again = reckon();
    prompting = prompted;
    prompted = false;
    reading = true;
    try {
      await log.use(async (client) => {
        await askWhomToTrust(client, again);
        await cursor.read(client, [...asks]);
      });
    } catch (error) {
      // What prompted this read prompts the next, which finds what the marks told of. Whom to trust could not be asked.
      prompted ||= prompting;
      marks.reset();
      held = [];
      throw error;
    } finally {
      reading = false;
    }
    for (const mark of held.splice(0)) take(mark);
  }

  /** Until there is something to read, or it is time to look; after a failure, until it is time to try again. */
  async function rest(failures: number): Promise<void> {
    if (closed || (failures === 0 && (prompted || asks.size > 0))) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const backoff = { min: SHORTEST_PAUSE, max: options.longestPause ?? 10 * SECOND };
    const wait = failures === 0 ? safetyInterval : pauseBefore(failures - 1, backoff, Math.random);
    const timer = setTimeout(resolve, wait);
    pausing = failures > 0;
    wake = resolve;
    await promise;
    clearTimeout(timer);
    pausing = false;
  }

  /**
   * Once an interval: which events were found a while ago and are still not told of, and whether the pump is silent.
   * True when an interval is over.
   */
  function reckon(): boolean {
    if (Date.now() - reckoned < safetyInterval) return false;
    reckoned = Date.now();
    metrics.safetyFound += unheard.overdue();
    if (marks.unmarked) marks.reset();
    return true;
  }

  return source;
}
