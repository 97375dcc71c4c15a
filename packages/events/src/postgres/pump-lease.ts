import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { DOORBELL, PUMP } from './locks.ts';
import { connectPump } from './pump-connection.ts';

export interface LeaseOptions {
  readonly connectionString: string;
  /** Milliseconds for which, at most, a pump that has stopped masks the writers and keeps others from its place. */
  readonly lease: number;
}

/** The connection that elects the pump and masks the doorbell, for as long as its process proves that it lives. */
export interface Lease extends Disposable {
  /** Whether this is the pump now. */
  elect(): Promise<boolean>;
  /** Queues for the doorbell, which masks it at once, and keeps it masked. */
  mask(): void;
  /** Resolves when the doorbell is let go of. */
  unmask(): Promise<void>;
  /** Settles when all is lost, with the reason where one is known. */
  readonly lost: Promise<unknown>;
}

/** PostgreSQL's "lock_not_available". */
const LOCK_TIMEOUT = '55P03';

/**
 * PostgreSQL ends the session when it is idle for too long. While it queues it is not idle; then the lock's own time-out
 * ends the wait, so that it has to ask again, which a stopped process does not.
 */
export async function openLease({ connectionString, lease }: LeaseOptions): Promise<Lease> {
  const { client, lost, cut } = await connectPump({
    connectionString,
    timeout: lease,
    settings: { lock_timeout: Math.ceil(lease / 3), idle_session_timeout: Math.ceil((lease * 2) / 3) },
  });
  const closed = new AbortController();
  void lost.then(() => closed.abort());
  let last: Promise<unknown> = Promise.resolve();
  let masking: { readonly stop: AbortController; readonly held: Promise<boolean> } | undefined;

  /** One after the other. */
  function ask<Row extends pg.QueryResultRow>(text: string): Promise<pg.QueryResult<Row>> {
    const answer = last.then(() => client.query<Row>(text));
    last = answer.catch(() => undefined);
    return answer;
  }

  /** Whether the doorbell is held in the end. */
  async function queue(stop: AbortSignal): Promise<boolean> {
    while (!stop.aborted && !closed.signal.aborted) {
      try {
        await ask(`SELECT pg_advisory_lock(${DOORBELL})`);
        return true;
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code === LOCK_TIMEOUT) continue;
        cut(error);
      }
    }
    return false;
  }

  async function ping(): Promise<void> {
    while (!closed.signal.aborted) {
      await sleep(lease / 6, undefined, { signal: closed.signal }).catch(() => undefined);
      if (!closed.signal.aborted) await ask('SELECT').catch(cut);
    }
  }
  void ping();

  return {
    lost,
    async elect() {
      const { rows } = await ask<{ elected: boolean }>(`SELECT pg_try_advisory_lock(${PUMP}) AS elected`);
      return rows[0]?.elected === true;
    },
    mask() {
      const stop = new AbortController();
      masking ??= { stop, held: queue(stop.signal) };
    },
    async unmask() {
      masking?.stop.abort();
      const held = await masking?.held;
      masking = undefined;
      if (held === true) await ask(`SELECT pg_advisory_unlock(${DOORBELL})`);
    },
    [Symbol.dispose]: () => cut(),
  };
}
