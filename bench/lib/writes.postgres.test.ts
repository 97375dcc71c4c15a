import { expect, test, vi } from 'vitest';

import { startThrowawayPostgres } from '../../db/testing-server.ts';
import { testDatabase } from '../../db/testing.ts';
import { startEar } from './ear.ts';
import { measureLatency } from './latency.ts';
import { findPgbench, nodeDriver, pgbenchDriver } from './write-driver.ts';
import { createDatabases } from './writes-databases.ts';
import { reportWrites } from './writes-report.ts';
import { measureManyRows, type Round } from './writes-rounds.ts';
import { committed, createTable } from './writes-tables.ts';

vi.setConfig({ testTimeout: 60_000 });

test.for(['pgbench', 'node'])('%s counts what it committed', async (name, { skip }) => {
  const pgbench = findPgbench();
  skip(name === 'pgbench' && pgbench === undefined, 'there is no pgbench');
  await using database = await testDatabase({ migrated: false });
  await createTable(database.pool, 'none');
  const driver = name === 'pgbench' ? pgbenchDriver(pgbench!) : nodeDriver();
  const { transactions, perSecond } = await driver.run('none', database.connectionString, 1);
  expect(transactions).toBe(await committed(database.pool, 'none'));
  expect(perSecond).toBeGreaterThan(0);
});

test('what is announced is heard, and what is not is missed', async () => {
  await using server = await startThrowawayPostgres();
  await using databases = await createDatabases(server.connectionString);
  await using ours = await startEar('ours', databases.ours.connectionString);
  await using usual = await startEar('usual', databases.usual.connectionString);
  const world = {
    databases,
    driver: nodeDriver(),
    ears: { ours, usual },
    rounds: 1,
    seconds: 1,
    patience: 10_000,
  };
  const latency = await measureLatency(databases, 2);
  for (const { p50, p99 } of Object.values(latency)) expect(p99).toBeGreaterThanOrEqual(p50);
  const [heard] = await measureManyRows(world);
  for (const style of ['ours', 'usual'] as const) {
    expect(heard?.delivered[style]).toMatchObject({ events: 10_000, missed: 0, twice: 0, complaints: [] });
  }
  await databases.ours.pool.query('ALTER TABLE bench_ours DISABLE TRIGGER USER');
  const [lost] = await measureManyRows({ ...world, patience: 10 });
  expect(lost?.delivered.ours).toMatchObject({ events: 10_000, missed: 10_000 });
});

test('a goal is held against the median of the ratios, and one lost event misses it', () => {
  const round = (none: number, usual: number, ours: number, missed = 0): Round => {
    const delivery = { events: 10, missed, twice: 0, complaints: [], lag: 3 };
    return { figures: { none, usual, ours }, delivered: { ours: delivery, usual: delivery } };
  };
  const report = (missed: number): (readonly [string, number | undefined, boolean])[] =>
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
