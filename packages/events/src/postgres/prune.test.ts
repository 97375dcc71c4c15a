import type pg from 'pg';
import { beforeAll, expect, test, vi } from 'vitest';

import { testDatabase } from '../../../../db/testing.ts';
import { resolveEpoch } from './epoch.ts';
import { PRUNE } from './locks.ts';
import { readLog } from './log-reader.ts';
import { startPruner } from './prune-regularly.ts';
import { prune } from './prune.ts';
import { createEmitter } from './pump-emit.ts';
import { clamp } from './snapshot.ts';
import { useOwnServer } from '../testing-helpers/own-server.ts';
import { openSource } from '../testing-helpers/source-world.ts';

beforeAll(() => useOwnServer('max_prepared_transactions = 5'), 60_000);

const DAY = { hours: 24, events: 1_000_000 };

/** A log whose rows are named; `ago` is an interval. */
async function log() {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  const { pool } = database;
  const connect = async (): Promise<pg.PoolClient> => {
    const client = await pool.connect();
    stack.defer(() => client.release());
    return client;
  };
  return {
    ...database,
    connect,
    client: await connect(),
    async write(name: string, { ago = '0', rows = 1, by = pool }: Writing = {}): Promise<void> {
      await by.query(
        `INSERT INTO change_log SELECT nextval('change_event_seq'), pg_current_xact_id(), now() - $1::interval, true,
          'names', $2 FROM generate_series(1, $3::integer)`,
        [ago, name, rows],
      );
    },
    async names(): Promise<string[]> {
      const { rows } = await pool.query<{ payload: string }>('SELECT payload FROM change_log ORDER BY id');
      return rows.map(({ payload }) => payload);
    },
    async position() {
      const { seen, largest } = await readLog(pool as unknown as pg.ClientBase, {
        from: undefined,
        limit: 1,
      });
      return clamp(seen, largest);
    },
    async prunedBelow(): Promise<bigint> {
      const { rows } = await pool.query<{ at: string }>(
        'SELECT pruned_below::text AS at FROM change_log_state',
      );
      return BigInt(rows[0]!.at);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

interface Writing {
  readonly ago?: string;
  readonly rows?: number;
  readonly by?: pg.Pool | pg.PoolClient;
}

test('what is older than the hours goes, by the clock of the database, and positions before its end are refused', async () => {
  await using world = await log();
  await world.write('old', { ago: '25 hours' });
  const early = await world.position();
  await world.write('older', { ago: '24 hours 1 second' });
  const late = await world.position();
  await world.write('young', { ago: '23 hours 59 minutes' });
  expect(await prune(world.client, DAY)).toMatchObject({ deleted: 2 });
  expect(await world.names()).toEqual(['young']);
  expect(early.xmin).toBeLessThan(await world.prunedBelow());
  expect(late.xmin).toBeGreaterThanOrEqual(await world.prunedBelow());
  expect(await prune(world.client, DAY)).toMatchObject({ deleted: 0 });
});

test('a client whose position was pruned is told to start over, and no other', async () => {
  await using world = await openSource('the log alone');
  const positions = [world.sink.head];
  for (const id of [1, 2, 3]) {
    await world.write(id);
    await world.told(id);
    positions.push(world.sink.head);
  }
  await prune(await world.client(), { hours: 24, events: 1 });
  const replays = await Promise.all(positions.map(world.resume));
  expect(
    replays.map((replay) => (replay.kind === 'lost' ? replay.reason : replay.announcements.length)),
  ).toEqual(['unknown-position', 'unknown-position', 1, 0]);
  expect(world.sink.gaps).toEqual([]);
});

test('of more events than that, the oldest go, whole transactions', async () => {
  await using world = await log();
  await world.write('a', { rows: 3 });
  await world.write('b', { rows: 3 });
  await world.write('c', { rows: 3 });
  expect((await prune(world.client, { hours: 24, events: 9 })).deleted).toBe(0);
  expect((await prune(world.client, { hours: 24, events: 5 })).deleted).toBe(6);
  expect(await world.names()).toEqual(['c', 'c', 'c']);
  expect((await prune(world.client, { hours: 24, events: 2 })).deleted).toBe(3);
  // Nothing is left, and positions stand where the log was pruned.
  expect((await world.position()).xmin).toBe(await world.prunedBelow());
});

test('many rows go in small transactions, each of which says first that they may be gone', async () => {
  await using world = await log();
  await world.write('old', { ago: '2 days', rows: 25_001 });
  await world.write('young');
  const watched = vi.spyOn(world.client, 'query');
  expect(await prune(world.client, DAY)).toMatchObject({ deleted: 25_001, counted: { events: 1 } });
  const statements = watched.mock.calls.map(([text]) => text);
  expect(statements.filter((text) => text.includes('DELETE FROM public.change_log d'))).toHaveLength(3);
  const delicate = statements
    .filter((text) => /UPDATE|DELETE FROM public.change_log d|^COMMIT/.test(text))
    .slice(-9);
  expect(delicate.map((text) => /UPDATE|DELETE|COMMIT/.exec(text)![0])).toEqual(
    Array.from({ length: 3 }, () => ['UPDATE', 'DELETE', 'COMMIT']).flat(),
  );
  expect(await world.names()).toEqual(['young']);
});

test('nothing goes that a transaction still open may stand before', async () => {
  await using world = await log();
  const open = await world.connect();
  await open.query('BEGIN');
  await world.write('open', { by: open });
  await world.write('old', { ago: '2 days' });
  const position = await world.position();
  expect((await prune(world.client, DAY)).deleted).toBe(0);
  expect(position.xmin).toBeGreaterThanOrEqual(await world.prunedBelow());
  await open.query('COMMIT');
  expect(await world.names()).toEqual(['open', 'old']);
  expect((await prune(world.client, { hours: 24, events: 1 })).deleted).toBe(1);
});

test('a prepared transaction holds pruning back only in its own database', async () => {
  await using world = await log();
  await using elsewhere = await log();
  await world.write('old', { ago: '2 days' });
  for (const [name, held] of [
    ['theirs', elsewhere],
    ['ours', world],
  ] as const) {
    await held.client.query(`BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION '${name}'`);
    await world.write('old', { ago: '2 days' });
    expect([name, (await prune(world.client, DAY)).deleted]).toEqual([name, name === 'theirs' ? 2 : 0]);
  }
  for (const [name, held] of [
    ['theirs', elsewhere],
    ['ours', world],
  ] as const) {
    await held.client.query(`ROLLBACK PREPARED '${name}'`);
  }
  expect((await prune(world.client, DAY)).deleted).toBe(1);
});

test("another database's open transaction holds pruning back as little as it does those who listen or come back", async () => {
  await using world = await openSource('the log alone');
  await using elsewhere = await log();
  const retention = { hours: 24, events: 1 };
  const client = await world.client();
  const pump = await world.client();
  const emitter = createEmitter(pump, ['thing_changes']);
  const { rows } = await pump.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const heardOfPump: (string | undefined)[] = [];
  client.on('notification', ({ processId, payload }) => {
    if (processId === rows[0]?.pid) heardOfPump.push(payload);
  });
  await client.query('LISTEN thing_changes');
  await elsewhere.client.query('BEGIN; SELECT pg_current_xact_id()');
  const write = async (id: number): Promise<string> => {
    await world.write(id);
    await world.told(id);
    await emitter.advance();
    return world.sink.head;
  };
  const pruned = await write(1);
  await write(2);
  const before = await write(3);
  expect((await prune(client, retention)).deleted).toBe(2);
  // Positions from before and after it was pruned, while the other database's is open and when it has ended.
  expect(await world.resume(pruned)).toMatchObject({ reason: 'unknown-position' });
  expect(await world.resume(before)).toMatchObject({ announcements: [] });
  const after = await write(4);
  expect(await world.resume(before)).toMatchObject({ announcements: [expect.anything()] });
  await elsewhere.client.query('COMMIT');
  await write(5);
  expect(await world.resume(after)).toMatchObject({ announcements: [expect.anything()] });
  // It cannot be told any more whether that one wrote here.
  expect(await world.resume(before)).toMatchObject({ reason: 'unknown-position' });
  expect(world.sink.gaps).toEqual([]);
  expect(world.sink.events).toEqual(['1.0', '2.0', '3.0', '4.0', '5.0']);
  // Nor was the pump's cursor lost, which everybody would have been told.
  await pump.query("SELECT pg_notify('thing_changes', 'end')");
  await vi.waitFor(() => expect(heardOfPump).toEqual(['end']));
});

test('one server prunes at a time, the others leave it at that', async () => {
  await using world = await log();
  await world.write('old', { ago: '2 days' });
  const other = await world.connect();
  await other.query(`BEGIN; SELECT pg_advisory_xact_lock(${PRUNE})`);
  expect(await prune(world.client, DAY)).toEqual({ deleted: 0, counted: undefined });
  await other.query('COMMIT');
  expect((await prune(world.client, DAY)).deleted).toBe(1);
});

test('events are counted only when there may be too many', async () => {
  await using world = await log();
  await world.write('a', { rows: 5 });
  const first = await prune(world.client, { hours: 24, events: 10 });
  expect(first.counted).toMatchObject({ events: 5 });
  const watched = vi.spyOn(world.client, 'query');
  const counts = (): number =>
    watched.mock.calls.filter(([text]) => text.includes('count(*) AS events')).length;
  await world.write('b', { rows: 5 });
  const second = await prune(world.client, { hours: 24, events: 10 }, first.counted);
  expect([second.deleted, counts()]).toEqual([0, 0]);
  await world.write('c');
  const third = await prune(world.client, { hours: 24, events: 10 }, second.counted);
  expect([third.deleted, counts()]).toEqual([5, 1]);
  // A sequence that was put back tells nothing.
  await world.pool.query("SELECT setval('change_event_seq', 1)");
  await prune(world.client, { hours: 24, events: 10 }, third.counted);
  expect(counts()).toBe(2);
});

test('a history that came with a dump, pruned far ahead of this one, does not refuse every position', async () => {
  await using world = await log();
  await world.pool.query("UPDATE change_log_state SET pruned_below = '123456789012'");
  await world.write('ours');
  await resolveEpoch(world.client);
  expect((await world.position()).xmin).toBeGreaterThanOrEqual(await world.prunedBelow());
});

test('a server prunes again and again, tells of a failure once, and leaves no connection', async () => {
  await using world = await log();
  const errors: unknown[] = [];
  await world.write('old', { ago: '2 days' });
  await using pruner = startPruner({
    connectionString: world.connectionString,
    onError: (error) => errors.push(error),
    interval: 5,
  });
  await vi.waitFor(() => expect(pruner.metrics.deleted).toBe(1));
  await world.pool.query('ALTER TABLE change_log RENAME TO elsewhere');
  await vi.waitFor(() => expect(errors).toHaveLength(1));
  const { turns } = pruner.metrics;
  await vi.waitFor(() => expect(pruner.metrics.turns).toBeGreaterThan(turns + 2));
  await world.pool.query('ALTER TABLE elsewhere RENAME TO change_log');
  await world.write('old again', { ago: '2 days' });
  await vi.waitFor(() => expect(pruner.metrics.deleted).toBe(2));
  expect(errors).toHaveLength(1);
});

test('closing does not wait for what another session holds up', async () => {
  await using world = await log();
  const other = await world.connect();
  await other.query('BEGIN; LOCK TABLE change_log_epoch');
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const pruner = startPruner({ connectionString: world.connectionString, onError, interval: 1 });
  await vi.waitFor(async () => {
    const { rowCount } = await world.pool.query(
      "SELECT FROM pg_stat_activity WHERE application_name = 'log-pruner' AND wait_event_type = 'Lock'",
    );
    expect(rowCount).toBe(1);
  });
  await pruner[Symbol.asyncDispose]();
  await other.query('ROLLBACK');
  expect(errors).toEqual([]);
});

test.each([{ hours: 0 }, { hours: Number.NaN }, { events: 0 }, { events: 1.5 }])(
  'a retention that keeps nothing is refused at the start: %o',
  (retention) => {
    const options = { connectionString: 'postgres://nowhere', onError: () => undefined, retention };
    expect(() => startPruner(options)).toThrow(String(Object.values(retention)[0]));
  },
);
