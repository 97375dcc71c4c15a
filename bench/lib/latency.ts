import { setTimeout as delay } from 'node:timers/promises';

import { quantile } from './spread.ts';
import type { StyleDatabases } from './writes-databases.ts';
import { OURS_CHANNEL, type Pool, type Style, updateOne, USUAL_CHANNEL } from './writes-tables.ts';

type Announcing = Exclude<Style, 'none'>;

/** Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

const CHANNEL: Record<Announcing, string> = { usual: USUAL_CHANNEL, ours: OURS_CHANNEL };
const TIMEOUT = 10_000;

/**
 * From the COMMIT that a writer sends to the notification at a connection that LISTENs, at light load: one writer that
 * pauses between commits. The two styles take turns, commit by commit, each with a writer and an ear of its own.
 */
export async function measureLatency(
  databases: StyleDatabases,
  times: number,
): Promise<Record<Announcing, Latency>> {
  using usual = await openLine(databases.usual.pool, 'usual');
  using ours = await openLine(databases.ours.pool, 'ours');
  const taken: Record<Announcing, number[]> = { usual: [], ours: [] };
  for (let time = 0; time < times; time++) {
    taken.usual.push(await usual.measure(time % 1_000));
    taken.ours.push(await ours.measure(time % 1_000));
  }
  return { usual: describe(taken.usual), ours: describe(taken.ours) };
}

async function openLine(pool: Pool, style: Announcing) {
  const [writer, ear] = [await pool.connect(), await pool.connect()];
  let heard = Promise.withResolvers<number>();
  ear.on('notification', () => heard.resolve(performance.now()));
  await ear.query(`LISTEN ${CHANNEL[style]}`);
  return {
    /** Milliseconds. */
    async measure(row: number): Promise<number> {
      await delay(2 + 8 * Math.random());
      heard = Promise.withResolvers();
      await writer.query('BEGIN');
      await writer.query({ name: 'update_one', text: updateOne(style, '$1'), values: [row] });
      const sent = performance.now();
      await writer.query('COMMIT');
      const timeout = setTimeout(() => heard.reject(new Error(`Nothing was heard on ${style}`)), TIMEOUT);
      const taken = (await heard.promise) - sent;
      clearTimeout(timeout);
      return taken;
    },
    [Symbol.dispose]() {
      writer.release();
      // It listens: nobody else shall be given it.
      ear.release(true);
    },
  };
}

function describe(milliseconds: readonly number[]): Latency {
  const round = (value: number): number => Number(value.toFixed(3));
  return { p50: round(quantile(milliseconds, 0.5)), p99: round(quantile(milliseconds, 0.99)) };
}
