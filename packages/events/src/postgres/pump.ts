import { setTimeout as sleep } from 'node:timers/promises';

import { pauseBefore } from '../backoff.ts';
import { EventsError } from '../error.ts';
import { connectPump, type PumpConnection, saysLost } from './pump-connection.ts';
import { createEmitter } from './pump-emit.ts';
import { READING } from './log-reader.ts';
import type { PumpMetrics } from './metrics.ts';
import { openLease } from './pump-lease.ts';
import { defaultLimits, type LoadLimits } from './pump-rate.ts';
import { type MutableMetrics, serveTerm } from './pump-term.ts';

const SECOND = 1_000;

export interface PumpOptions {
  readonly connectionString: string;
  readonly channels: readonly string[];
  /** Something went wrong that it recovers from by itself. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds for which, at most, a pump whose process has stopped masks the writers. Default: 3 seconds. */
  readonly lease?: number | undefined;
  readonly limits?: LoadLimits | undefined;
  /** Milliseconds between the reads that find, while it sleeps, what never notified. Default: 1 second. */
  readonly safety?: number | undefined;
}

export interface Pump extends AsyncDisposable {
  readonly metrics: PumpMetrics;
}

/**
 * Makes this process a candidate for the pump: the one that notifies, in the writers' place, while they are so many that
 * they would wait for each other. Every server of an application starts one. It never gives up:
 * that it lost its connection it tells as {@link EventsError} `cannot-listen`, and stands again.
 */
export function startPump({
  connectionString,
  channels,
  onError,
  lease = 3 * SECOND,
  limits = defaultLimits,
  safety = SECOND,
}: PumpOptions): Pump {
  const closing = new AbortController();
  const metrics: MutableMetrics = {
    state: 'candidate',
    wakes: 0,
    reads: 0,
    emitted: 0,
    safetyFound: 0,
    waitingFor: undefined,
  };
  const pause = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: closing.signal }).catch(() => undefined);

  /** From candidate to the end of its term. */
  async function stand(onElected: () => void): Promise<void> {
    using held = await openLease({ connectionString, lease });
    using stack = new DisposableStack();
    const ended = new AbortController();
    const end = (): void => ended.abort();
    closing.signal.addEventListener('abort', end, { once: true });
    stack.defer(() => closing.signal.removeEventListener('abort', end));
    let reason: unknown;
    const lose = (why: unknown): void => {
      reason ??= why;
      end();
    };
    void held.lost.then(lose);
    try {
      while (!closing.signal.aborted && !(await held.elect()))
        await pause((lease / 3) * (0.5 + Math.random() / 2));
      if (closing.signal.aborted) return;
      onElected();

      const connection = stack.adopt(await connectToEmit(connectionString), ({ cut }) => cut());
      void connection.lost.then(lose);
      void held.lost.then(connection.cut);
      const { client } = connection;
      const emitter = createEmitter(client, channels);
      const { signal } = ended;
      await serveTerm({ lease: held, client, emitter, channels, limits, safety, metrics, ended: signal });
      if (!closing.signal.aborted) throw new Error('The connection has ended.');
      // Whoever was masked and has committed must not wait for the next pump.
      await held.unmask();
      await emitter.advance();
    } catch (error) {
      // Whatever was being asked when the connection went failed in a way of its own.
      throw ended.signal.aborted || saysLost(error) ? lostConnection(reason ?? error) : error;
    }
  }

  const done = (async () => {
    let told = false;
    for (let attempt = 0; !closing.signal.aborted; attempt += 1) {
      try {
        await stand(() => {
          attempt = 0;
          told = false;
        });
      } catch (error) {
        // One report an outage: those after it say the same.
        if (!closing.signal.aborted && !told) onError(error);
        told = true;
      }
      metrics.state = 'candidate';
      if (!closing.signal.aborted)
        await pause(pauseBefore(attempt, { min: 50, max: 10 * SECOND }, Math.random));
    }
    metrics.state = 'closed';
  })();

  return {
    metrics,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await done;
    },
  };
}

function connectToEmit(connectionString: string): Promise<PumpConnection> {
  return connectPump({
    connectionString,
    timeout: 30 * SECOND,
    settings: {
      ...READING,
      // A crash ends every connection that listens, so nothing need be on disk before it is heard.
      synchronous_commit: 'off',
      // A part of a large batch is sorted in memory: 12 seconds for a million events instead of 61.
      work_mem: '64MB',
      statement_timeout: 30 * SECOND,
    },
  });
}

function lostConnection(cause: unknown): EventsError {
  return new EventsError('cannot-listen', 'The pump lost its connection to PostgreSQL; it stands again.', {
    cause,
  });
}
