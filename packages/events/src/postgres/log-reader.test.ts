import type pg from 'pg';
import { beforeAll, expect, test } from 'vitest';

import { testDatabase } from '../../../../db/testing.ts';
import { useOwnServer } from '../testing-helpers/own-server.ts';
import { readLog, rowsAfter } from './log-reader.ts';
import { clamp, isVisible, type Snapshot } from './snapshot.ts';

beforeAll(() => useOwnServer(), 60_000);

/** A log to write to by hand: names of the rows instead of payloads. */
async function log() {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  const reader = await database.pool.connect();
  stack.defer(() => reader.release());
  return {
    database,
    reader,
    async writer(): Promise<pg.ClientBase> {
      const client = await database.pool.connect();
      stack.defer(() => client.release());
      return client;
    },
    read: (from?: Snapshot, limit = 100) => readLog(reader, { from, limit }),
    async seen() {
      const { seen, largest } = await readLog(reader, { from: undefined, limit: 1 });
      return clamp(seen, largest);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function write(client: pg.ClientBase | pg.Pool, ...names: string[]): Promise<void> {
  await client.query(
    `INSERT INTO change_log (id, xid, at, rung, channel, payload)
     SELECT nextval('change_event_seq'), pg_current_xact_id(), now(), false, 'names', name FROM unnest($1::text[]) name`,
    [names],
  );
}

/** The number of the transaction that is open there, or of one that ends with this. */
async function xidOf(client: pg.ClientBase | pg.Pool): Promise<bigint> {
  const { rows } = await client.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
  return BigInt(rows[0]!.xid);
}

const names = (rows: readonly { payload: string }[] | undefined) => rows?.map(({ payload }) => payload);

test('what was open when the snapshot was taken is read once it is committed, and nothing twice', async () => {
  await using world = await log();
  const pool = world.database.pool;
  const before = await world.seen();
  const open = await world.writer();
  await open.query('BEGIN');
  await write(open, 'A1');
  await write(pool, 'B');
  const first = await world.read(before);
  expect(names(first.rows)).toEqual(['B']);
  const between = clamp(first.seen, first.largest);
  await write(open, 'A2');
  await open.query('COMMIT');
  await write(pool, 'C');
  const second = await world.read(between);
  expect(names(second.rows)).toEqual(['A1', 'A2', 'C']);
  expect(second.rows.map(({ id }) => id)).toEqual(second.rows.map(({ id }) => id).toSorted((a, b) => a - b));
  expect(names((await world.read(clamp(second.seen, second.largest))).rows)).toEqual([]);
  // One read serves those of both positions, and of the one before.
  const all = await world.read(before);
  expect(names(rowsAfter(all, before))).toEqual(['A1', 'B', 'A2', 'C']);
  expect(names(rowsAfter(all, between))).toEqual(['A1', 'A2', 'C']);
});

test('what was rolled back, whole or to a savepoint, is never read', async () => {
  await using world = await log();
  const before = await world.seen();
  const client = await world.writer();
  await client.query('BEGIN');
  await write(client, 'gone');
  await client.query('ROLLBACK');
  await client.query('BEGIN');
  await write(client, 'first');
  await client.query('SAVEPOINT here');
  await write(client, 'undone');
  await client.query('ROLLBACK TO here');
  await write(client, 'last');
  await client.query('COMMIT');
  expect(names((await world.read(before)).rows)).toEqual(['first', 'last']);
});

test('a position made of a read has seen no transaction beyond the last that wrote to the log', async () => {
  await using world = await log();
  const pool = world.database.pool;
  // Some other transaction, which holds xmin back.
  const open = await world.writer();
  await open.query('BEGIN');
  const unfinished = await xidOf(open);
  await write(pool, 'last');
  const { rows } = await pool.query<{ xid: string }>('SELECT xid::text FROM change_log');
  const last = BigInt(rows[0]!.xid);
  const ended = await xidOf(pool);
  const { seen, largest } = await world.read();
  const position = clamp(seen, largest);
  const visible = (snapshot: Snapshot) => [unfinished, last, ended].map((xid) => isVisible(xid, snapshot));
  expect(visible(seen)).toEqual([false, true, true]);
  expect(visible(position)).toEqual([false, true, false]);
  expect(position.xmax).toBe(last + 1n);
});

test('where all was pruned, a position stands where the log was pruned, not before', async () => {
  await using world = await log();
  const pool = world.database.pool;
  await write(pool, 'old');
  await pool.query(
    'UPDATE change_log_state SET pruned_below = (SELECT (xid::text::bigint + 1)::text::xid8 FROM change_log)',
  );
  await pool.query('DELETE FROM change_log');
  const read = await world.read();
  expect(clamp(read.seen, read.largest).xmin).toBe(read.prunedBelow);
});

test('of more rows than the limit it reads the newest, and says for whom these are enough', async () => {
  await using world = await log();
  const pool = world.database.pool;
  const positions: Snapshot[] = [await world.seen()];
  for (const name of ['1', '2', '3', '4', '5', '6']) {
    await write(pool, name);
    positions.push(await world.seen());
  }
  const read = await world.read(positions[0], 3);
  const served = positions.map((position) => names(rowsAfter(read, position)));
  expect(served).toEqual([undefined, undefined, undefined, ['4', '5', '6'], ['5', '6'], ['6'], []]);
});

test('it reads by the index, however long the log is', async () => {
  await using world = await log();
  const pool = world.database.pool;
  await pool.query(
    `INSERT INTO change_log SELECT g, (g % 500 + 3)::text::xid8, now(), true, 'names', 'x' FROM generate_series(1, 20000) g`,
  );
  await pool.query('ANALYZE change_log');
  const before = await world.seen();
  await write(pool, 'new');
  await pool.query("SELECT pg_stat_reset_single_table_counters('change_log'::regclass)");
  for (let reads = 0; reads < 10; reads += 1) expect(names((await world.read(before)).rows)).toEqual(['new']);
  await world.reader.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await pool.query(
    "SELECT seq_scan::int, idx_scan::int > 9 AS by_index FROM pg_stat_user_tables WHERE relname = 'change_log'",
  );
  expect(rows).toEqual([{ seq_scan: 0, by_index: true }]);
});
