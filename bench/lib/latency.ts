import { setTimeout as delay } from 'node:timers/promises';

import { quantile } from './spread.ts';
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
 * pauses between commits. The two styles take turns, commit by commit.
 */
export async function measureLatency(pool: Pool, times: number): Promise<Record<Announcing, Latency>> {
  const [writer, ear] = [await pool.connect(), await pool.connect()];
  let heard = Promise.withResolvers<number>();
  ear.on('notification', () => heard.resolve(performance.now()));
  const taken: Record<Announcing, number[]> = { usual: [], ours: [] };
  try {
    for (const channel of Object.values(CHANNEL)) await ear.query(`LISTEN ${channel}`);
    for (let turn = 0; turn < 2 * times; turn++) {
      const style = turn % 2 === 0 ? 'usual' : 'ours';
      await delay(2 + 8 * Math.random());
      heard = Promise.withResolvers();
      await writer.query('BEGIN');
      await writer.query({ name: `one_${style}`, text: updateOne(style, '$1'), values: [turn % 1_000] });
      const sent = performance.now();
      await writer.query('COMMIT');
      const timeout = setTimeout(() => heard.reject(new Error(`Nothing was heard on ${style}`)), TIMEOUT);
      taken[style].push((await heard.promise) - sent);
      clearTimeout(timeout);
    }
    await ear.query('UNLISTEN *');
  } finally {
    ear.removeAllListeners('notification');
    writer.release();
    ear.release();
  }
  return { usual: describe(taken.usual), ours: describe(taken.ours) };
}

function describe(milliseconds: readonly number[]): Latency {
  const round = (value: number): number => Number(value.toFixed(3));
  return { p50: round(quantile(milliseconds, 0.5)), p99: round(quantile(milliseconds, 0.99)) };
}
