import { expect, test, vi } from 'vitest';

import { testDatabase } from '../../db/testing.ts';
import { startEar } from './ear.ts';
import { findPgbench, nodeDriver, pgbenchDriver } from './write-driver.ts';
import { reportWrites } from './writes-report.ts';
import { measureManyRows, type Round } from './writes-rounds.ts';
import { committed, createTables } from './writes-tables.ts';

vi.setConfig({ testTimeout: 60_000 });

test.for(['pgbench', 'node'])('%s counts what it committed', async (name, { skip }) => {
  const pgbench = findPgbench();
  skip(name === 'pgbench' && pgbench === undefined, 'there is no pgbench');
  await using database = await testDatabase({ migrated: false });
  await createTables(database.pool);
  const driver =
    name === 'pgbench'
      ? pgbenchDriver(pgbench!, database.connectionString)
      : nodeDriver(database.connectionString);
  const { transactions, perSecond } = await driver.run('none', 1);
  expect(transactions).toBe(await committed(database.pool, 'none'));
  expect(perSecond).toBeGreaterThan(0);
});

test('what is announced is heard, and what is not is missed', async () => {
  await using database = await testDatabase({ migrated: false });
  const { pool, connectionString } = database;
  await createTables(pool);
  await using ours = await startEar('ours', connectionString);
  await using usual = await startEar('usual', connectionString);
  const world = {
    pool,
    driver: nodeDriver(connectionString),
    ears: { ours, usual },
    rounds: 1,
    seconds: 1,
    patience: 10_000,
  };
  const [heard] = await measureManyRows(world);
  for (const style of ['ours', 'usual'] as const) {
    expect(heard?.delivered[style]).toMatchObject({ events: 10_000, missed: 0, twice: 0, complaints: [] });
  }
  await pool.query('ALTER TABLE bench_ours DISABLE TRIGGER USER');
  const [lost] = await measureManyRows({ ...world, patience: 10 });
  expect(lost?.delivered.ours).toMatchObject({ events: 10_000, missed: 10_000 });
});

test('a goal is held against the median of the ratios, and one lost event misses it', () => {
  const round = (none: number, usual: number, ours: number, missed = 0): Round => {
    const delivery = { events: 10, missed, twice: 0, complaints: [], lag: 3 };
    return { figures: { none, usual, ours }, delivered: { ours: delivery, usual: delivery } };
  };
  const report = (missed: number): (readonly [string, number, boolean])[] =>
    reportWrites({
      updates: [round(100, 30, 70), round(1_000, 100, 250), round(10, 2, 8, missed)],
      manyRows: [round(1, 2, 4), round(10, 20, 20), round(5, 6, 15)],
      masked: 0.9,
      latency: { usual: { p50: 1, p99: 2 }, ours: { p50: 1, p99: 4 } },
    }).goals.map(({ name, measured, met }) => [name, measured, met] as const);
  expect(report(0)).toEqual([
    ['updates/s, to no trigger', 0.7, true],
    ['updates/s, to the usual way', 2.5, true],
    ["UPDATE of 10000 rows, time to no trigger's", 3, true],
    ["latency at light load, p99 to the usual way's", 2, false],
    ['last event heard, ms after the last commit', 3, true],
    ['events missed, heard twice, or complained about', 0, true],
  ]);
  expect(report(1).at(-1)).toEqual(['events missed, heard twice, or complained about', 1, false]);
});
