import { setTimeout as delay } from 'node:timers/promises';

import { DOORBELL } from '../../packages/events/src/postgres/locks.ts';
import type { Ear, Heard } from './ear.ts';
import type { Latency } from './latency.ts';
import type { Driver } from './write-driver.ts';
import type { StyleDatabases } from './writes-databases.ts';
import { committed, type Pool, type Style, STYLES } from './writes-tables.ts';

type Announcing = Exclude<Style, 'none'>;

export interface World {
  readonly databases: StyleDatabases;
  readonly driver: Driver;
  readonly ears: Record<Announcing, Ear>;
  readonly rounds: number;
  readonly seconds: number;
  /** Milliseconds after which what was not heard is missed: more than the goal, so that late is told from never. */
  readonly patience: number;
}

/** What became of the events of one measurement. */
export interface Delivery {
  readonly events: number;
  readonly missed: number;
  readonly twice: number;
  readonly complaints: readonly string[];
  /** Milliseconds from the last announcement to the last delivery. */
  readonly lag: number;
}

export interface Round {
  /** Updates a second, or milliseconds a statement. */
  readonly figures: Record<Style, number>;
  readonly delivered: Record<Announcing, Delivery>;
}

export interface Measured {
  readonly latency: Record<Announcing, Latency>;
  readonly updates: readonly Round[];
  readonly manyRows: readonly Round[];
  /** After `updates`: the share of all logged events that the pump announced, not their writers. */
  readonly masked: number;
}

interface Before {
  readonly committed: number;
  readonly heard: Heard;
}

/** Eight writers, one-row updates. The first round only warms up. */
export async function measureRounds(world: World): Promise<Round[]> {
  return await takeTurns(world, async (style) => {
    const { perSecond } = await world.driver.run(
      style,
      world.databases[style].connectionString,
      world.seconds,
    );
    return perSecond;
  });
}

/** One statement that touches many rows. */
export async function measureManyRows(world: World): Promise<Round[]> {
  return await takeTurns(world, async (style) => {
    const began = performance.now();
    await world.databases[style].pool.query(`UPDATE bench_${style} SET value = value + 1`);
    return performance.now() - began;
  });
}

/** Each round lets every style go once, another one first each time: what else the machine does meets all alike. */
async function takeTurns(world: World, measure: (style: Style) => Promise<number>): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let number = 0; number <= world.rounds; number++) {
    const figures: Partial<Record<Style, number>> = {};
    const delivered: Partial<Record<Announcing, Delivery>> = {};
    for (let turn = 0; turn < STYLES.length; turn++) {
      const style = STYLES[(number + turn) % STYLES.length]!;
      const { pool } = world.databases[style];
      // All begin alike: nothing is owed to the disk, and nobody reads the log for those who wrote before.
      await pumpAsleep(world.databases.ours.pool);
      await pool.query('CHECKPOINT');
      if (style === 'none') {
        figures[style] = await measure(style);
      } else {
        const before = {
          committed: await committed(pool, style),
          heard: await world.ears[style].heard(0, 0),
        };
        figures[style] = await measure(style);
        delivered[style] = await delivery(world, style, before);
      }
      await pool.query(`VACUUM bench_${style}`);
    }
    if (number > 0) rounds.push({ figures, delivered } as Round);
  }
  return rounds;
}

/** Which of the changes that were committed since `before` the ear has heard; it is given time for the rest. */
async function delivery(
  { databases, ears, patience }: World,
  style: Announcing,
  before: Before,
): Promise<Delivery> {
  const total = await committed(databases[style].pool, style);
  const { heard } = before;
  const after = await ears[style].heard(heard.events + total - before.committed, patience);
  return {
    events: total - before.committed,
    missed: total - before.committed - (after.events - heard.events),
    twice: after.twice - heard.twice,
    complaints: after.complaints.slice(heard.complaints.length),
    lag: after.lag,
  };
}

/** The pump holds the doorbell, or waits for it, as long as it notifies in the writers' place. */
async function pumpAsleep(pool: Pool): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'
       AND (classid::bigint << 32) + objid::bigint = $1`,
      [String(DOORBELL)],
    );
    if (rowCount === 0) return;
    await delay(50);
  }
}

/** See `Measured`, of all that is in the log now. */
export async function maskedShare(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ share: number }>(
    'SELECT round(avg((NOT rung)::integer), 3)::float AS share FROM change_log',
  );
  return rows[0]!.share;
}
