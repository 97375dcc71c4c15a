/** What a writer pays: no trigger, a row trigger that notifies as people usually write it, and the kit's triggers. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { startDiskPostgres } from './lib/disk-postgres.ts';
import { startEar } from './lib/ear.ts';
import { measureLatency } from './lib/latency.ts';
import { createDatabases } from './lib/writes-databases.ts';
import { maskedShare, measureManyRows, measureRounds, type Measured } from './lib/writes-rounds.ts';
import { reportWrites } from './lib/writes-report.ts';
import { type Pool, WRITERS } from './lib/writes-tables.ts';
import { findDriver } from './lib/write-driver.ts';

const ROUNDS = 15;
const SECONDS = 3;
const PATIENCE = 10_000;
const COMMITS_FOR_LATENCY = 1_500;

/** Ends with 1 when a goal is missed. */
export async function bench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: String(ROUNDS) },
      seconds: { type: 'string', default: String(SECONDS) },
    },
  });
  const [rounds, seconds] = [wholeNumber('rounds', values.rounds), wholeNumber('seconds', values.seconds)];
  const load = Number(loadavg()[0]!.toFixed(2));
  await using server = await startDiskPostgres();
  await using databases = await createDatabases(server.connectionString);
  await using ours = await startEar('ours', databases.ours.connectionString);
  await using usual = await startEar('usual', databases.usual.connectionString);
  const driver = findDriver();
  const world = { databases, driver, ears: { ours, usual }, rounds, seconds, patience: PATIENCE };
  const latency = await measureLatency(databases, COMMITS_FOR_LATENCY);
  const updates = await measureRounds(world);
  const masked = await maskedShare(databases.ours.pool);
  const manyRows = await measureManyRows(world);
  const measured: Measured = { latency, updates, manyRows, masked };
  const report = reportWrites(measured);
  const result = {
    bench: 'writes',
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    /** What else the machine had to do, before. */
    load,
    driver: driver.name,
    writers: WRITERS,
    rounds,
    seconds,
    database: await readSettings(databases.none.pool),
    ...report.figures,
    goals: report.goals,
  };
  console.log(
    [
      ...(load < 1 ? [] : [`The machine was busy (load ${load}): the ratios say more than the figures.`]),
      `${rounds} rounds of ${seconds} s, ${WRITERS} writers by ${driver.name}, one-row updates.`,
      ...report.lines,
    ].join('\n'),
  );
  if (values.json) console.log(JSON.stringify(result));
  return report.goals.every(({ met }) => met) ? 0 : 1;
}

function wholeNumber(name: string, given: string): number {
  const value = Number(given);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} must be a whole number above 0, not "${given}"`);
}

/** As the server has them, not as we meant them. */
async function readSettings(pool: Pool): Promise<Record<string, string>> {
  const names = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'autovacuum'];
  const { rows } = await pool.query<{ name: string; setting: string }>(
    'SELECT name, setting FROM pg_settings WHERE name = ANY ($1)',
    [names],
  );
  const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  if (settings['fsync'] !== 'on' || settings['synchronous_commit'] !== 'on') {
    throw new Error(`The database does not keep what it commits: ${JSON.stringify(settings)}`);
  }
  return settings;
}
