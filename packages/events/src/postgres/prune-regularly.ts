import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import type { PrunerMetrics } from './metrics.ts';
import { type Counted, prune } from './prune.ts';
import type { Retention } from './retention.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const defaultRetention: Retention = { hours: 24, events: 1_000_000 };

export interface PrunerOptions {
  readonly connectionString: string;
  /** Told once of what goes wrong several times in a row; it is tried again at the next turn. */
  readonly onError: (error: unknown) => void;
  /** Default: 24 hours, 1,000,000 events. */
  readonly retention?: Partial<Retention> | undefined;
  /** Milliseconds between turns, on average. Default: a minute. */
  readonly interval?: number | undefined;
}

export interface Pruner extends AsyncDisposable {
  readonly metrics: PrunerMetrics;
}

/**
 * Prunes the log now and then, at moments that many servers do not share. Of all servers one does it at a time, and
 * what it leaves to be done is done by the next. A turn has a connection of its own: none is held in between.
 */
export function startPruner({
  connectionString,
  onError,
  retention,
  interval = MINUTE,
}: PrunerOptions): Pruner {
  const kept = { ...defaultRetention, ...retention };
  if (!(kept.hours > 0))
    throw new RangeError(`The log is kept for ${kept.hours} hours: it must be more than 0.`);
  if (!(Number.isInteger(kept.events) && kept.events > 0)) {
    throw new RangeError(`The log keeps ${kept.events} events: it must be a whole number from 1.`);
  }
  const metrics = { turns: 0, deleted: 0 };
  const closing = new AbortController();
  let client: pg.Client | undefined;
  let counted: Counted | undefined;
  let told: string | undefined;

  async function turn(): Promise<void> {
    client = new pg.Client({
      connectionString,
      application_name: 'log-pruner',
      keepAlive: true,
      connectionTimeoutMillis: 10 * SECOND,
    });
    // The query that it breaks says so.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const done = await prune(client, kept, counted);
      counted = done.counted;
      metrics.deleted += done.deleted;
      told = undefined;
    } catch (error) {
      if (!closing.signal.aborted && told !== String(error)) onError(error);
      told = String(error);
    } finally {
      metrics.turns += 1;
      await client.end();
      client = undefined;
    }
  }

  async function run(): Promise<void> {
    const { signal } = closing;
    while (!signal.aborted) {
      await sleep(interval * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await turn();
    }
  }

  const done = run();
  return {
    metrics,
    async [Symbol.asyncDispose]() {
      closing.abort();
      // What it has deleted so far stays deleted; the batch under way is rolled back.
      if (client !== undefined) cut(client);
      await done;
    },
  };
}

/** node-postgres does not type its socket; without it, closing would wait for the query under way. */
function cut(client: pg.Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
