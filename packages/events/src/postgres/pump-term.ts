import { setTimeout as sleep } from 'node:timers/promises';

import type pg from 'pg';

import { LOG_CHANNEL } from './change-log-sql.ts';
import type { Emitter } from './pump-emit.ts';
import type { Lease } from './pump-lease.ts';
import type { PumpMetrics } from './metrics.ts';
import { createCalmMeter, createRingMeter, type LoadLimits } from './pump-rate.ts';
import { PASS_SQL } from './pump-sql.ts';
import { isVisible, type Snapshot } from './snapshot.ts';
import { identifier } from './trigger-sql.ts';
import { writersAmong } from './writers.ts';

/** Between two reads while awake: long beside a read, which takes a millisecond, and short for whoever waits to hear. */
const INTERVAL = 25;
/** The longest pause between reads while writers are awaited that take their time. */
const LONGEST_INTERVAL = 100;

export type MutableMetrics = { -readonly [Name in keyof PumpMetrics]: PumpMetrics[Name] };

export interface Term {
  readonly lease: Lease;
  /** The connection that listens and emits. */
  readonly client: pg.Client;
  readonly emitter: Emitter;
  readonly channels: readonly string[];
  readonly limits: LoadLimits;
  /** Milliseconds between reads while asleep. */
  readonly safety: number;
  readonly metrics: MutableMetrics;
  readonly ended: AbortSignal;
}

/** What the elected pump does until it is `ended`: see the model of the same steps. */
export async function serveTerm(term: Term): Promise<void> {
  const { lease, client, channels, limits, metrics, ended } = term;
  const rings = createRingMeter(limits, () => performance.now());
  const bell = createBell();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const own = rows[0]?.pid;

  client.on('notification', ({ processId, channel, payload }) => {
    if (processId === own) return;
    if (channel !== LOG_CHANNEL) rings.ring(processId);
    if (rings.busy || (channel === LOG_CHANNEL && payload === '{"read":true}')) bell.ring();
  });
  ended.addEventListener('abort', bell.ring, { once: true });

  async function advance(): Promise<{ seen: Snapshot; transactions: number; emitted: number }> {
    metrics.reads += 1;
    const advanced = await term.emitter.advance();
    metrics.emitted += advanced.emitted;
    return advanced;
  }

  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: ended }).catch(() => undefined);

  async function sleepUntilBusy(): Promise<void> {
    metrics.state = 'asleep';
    while (!ended.aborted) {
      const told = await bell.wait(term.safety);
      if (ended.aborted || rings.busy) return;
      const { emitted } = await advance();
      if (!told) metrics.safetyFound += emitted;
    }
  }

  async function emitUntilCalm(): Promise<void> {
    metrics.state = 'awake';
    metrics.wakes += 1;
    // Not awaited: under load the lock takes its time, and who finds it queued for does not ring any more.
    lease.mask();
    const calm = createCalmMeter(limits, () => performance.now());
    // While it reads the log it need not hear what is in it; what to read it must always hear.
    for (const channel of channels) await client.query(`UNLISTEN ${identifier(channel)}`);
    while (!ended.aborted) {
      const began = performance.now();
      calm.add((await advance()).transactions);
      if (calm.calm) return;
      await pause(Math.max(INTERVAL, performance.now() - began));
    }
  }

  /** Until nobody is left who may have found the doorbell masked. False: there is load again. */
  async function settle(): Promise<boolean> {
    const unmasking = lease.unmask().then(() => true);
    // It fails when the lease is lost, which ends the term anyway.
    unmasking.catch(() => undefined);
    while (!(await Promise.race([unmasking, pause(INTERVAL).then(() => false)]))) await advance();
    metrics.state = 'settling';
    await client.query(PASS_SQL);
    let awaited: readonly bigint[] | undefined;
    for (let round = 0; ; round += 1) {
      const { seen } = await advance();
      awaited = (awaited ?? seen.inProgress).filter((xid) => !isVisible(xid, seen));
      if (awaited.length > 0) awaited = await writersOf(awaited);
      if (awaited.length === 0 || ended.aborted) break;
      if (rings.busy) return false;
      await pause(Math.min(LONGEST_INTERVAL, INTERVAL + round));
    }
    metrics.waitingFor = undefined;
    return true;
  }

  async function writersOf(xids: readonly bigint[]): Promise<bigint[]> {
    const writers = await writersAmong(client, xids);
    metrics.waitingFor = writers[0]?.pid;
    return writers.map(({ xid }) => xid);
  }

  try {
    await client.query([LOG_CHANNEL, ...channels].map((name) => `LISTEN ${identifier(name)}`).join(';'));
    let settled = await settle();
    while (!ended.aborted) {
      if (settled) await sleepUntilBusy();
      if (ended.aborted) return;
      await emitUntilCalm();
      await client.query(channels.map((name) => `LISTEN ${identifier(name)}`).join(';'));
      settled = await settle();
    }
  } finally {
    metrics.waitingFor = undefined;
    ended.removeEventListener('abort', bell.ring);
  }
}

interface Bell {
  ring(): void;
  /** Resolves at the next ring, at once where one was not waited for, with true; after the time with false. */
  wait(ms: number): Promise<boolean>;
}

function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(ms) {
      if (!rung) {
        const woken = Promise.withResolvers<void>();
        wake = woken.resolve;
        const timer = setTimeout(woken.resolve, ms);
        await woken.promise;
        clearTimeout(timer);
        wake = undefined;
      }
      const told = rung;
      rung = false;
      return told;
    },
  };
}
