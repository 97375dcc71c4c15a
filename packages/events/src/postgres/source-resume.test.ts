import { sql } from 'kysely';
import pg from 'pg';
import { expect, test, vi } from 'vitest';

import { testDatabase, testPostgres } from '../../../../db/testing.ts';
import type { ChannelDefinitions } from '../contract.ts';
import { openSource } from '../testing-helpers/source-world.ts';
import { tcpProxy } from '../testing/tcp-proxy.ts';
import { createHub } from '../server/hub.ts';
import { topicAccess } from '../server/topic-access.ts';
import { listenForChanges } from './listen-for-changes.ts';
import { createChangeTriggers } from './triggers.ts';

const definitions: ChannelDefinitions = {
  letter_changes: { table: 'letter', columns: ['name', 'book'], key: ['name'], audience: ['book:{book}'] },
};

type Database = Pick<Awaited<ReturnType<typeof testDatabase>>, 'db'>;

async function createLetters({ db }: Database): Promise<void> {
  await sql`CREATE TABLE letter (name text PRIMARY KEY, book int NOT NULL DEFAULT 1)`.execute(db);
  await createChangeTriggers(db, 'letter_changes', definitions['letter_changes']!);
}

/** A hub with ears. Its safety read is off, so that nothing is found by waiting. */
async function startServer(connectionString: string, errors: unknown[] = []) {
  const onError = (error: unknown): void => void errors.push(error);
  const access = topicAccess({ definitions, viewer: () => Promise.resolve({ topics: ['book:1'] }) });
  const hub = createHub({ definitions, onError, ...access });
  const listener = await listenForChanges({
    definitions,
    hub,
    connectionString,
    onError,
    safetyInterval: 3_600_000,
    longestPause: 100,
    heartbeat: 100,
    timeout: 1_000,
  });
  return { hub, listener, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

/** A client that reads one frame at a time, and knows its position. */
async function connect({ hub }: Awaited<ReturnType<typeof startServer>>, lastEventId?: string) {
  const frames = await hub.subscribe({ key: 'somebody', lastEventId });
  let position = lastEventId;
  return {
    get position() {
      return position;
    },
    /** What the next frame says: a letter, or what else it is. */
    async next(): Promise<unknown> {
      const { done, value } = await frames.next();
      if (done === true) return 'end';
      position = value.id;
      return 'name' in value.data ? value.data['name'] : value.data.channel;
    },
    disconnect: () => frames.return?.(),
  };
}

async function transaction(connectionString: string) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('BEGIN');
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

const INSERT = 'INSERT INTO letter VALUES ($1)';

test.each(['the server it was connected to', 'a server that started since'] as const)(
  'open transaction A writes, B writes and commits, the client sees B and disconnects, A commits, the client resumes at %s and gets A',
  async (where) => {
    await using database = await testDatabase();
    const { connectionString, pool } = database;
    await createLetters(database);
    await using server = await startServer(connectionString);
    const client = await connect(server);
    expect(await client.next()).toBe('position');

    await using a = await transaction(connectionString);
    await a.query(INSERT, ['A']);
    await pool.query(INSERT, ['B']);
    expect(await client.next()).toBe('B');
    await client.disconnect();
    await a.query('COMMIT');
    await pool.query(INSERT, ['C']);

    await using other = await startServer(connectionString);
    const again = await connect(where === 'a server that started since' ? other : server, client.position);
    expect([await again.next(), await again.next(), await again.next()]).toEqual(['position', 'A', 'C']);
    await pool.query(INSERT, ['D']);
    expect(await again.next()).toBe('D');
    await again.disconnect();
  },
);

test('what was committed while the listener was cut off comes in its place, and nobody starts over', async () => {
  await using database = await testDatabase();
  const { connectionString, pool } = database;
  await createLetters(database);
  const errors: unknown[] = [];
  await using server = await startServer(connectionString, errors);
  const client = await connect(server);
  expect(await client.next()).toBe('position');
  await pool.query(
    `INSERT INTO letter SELECT 'A' FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'listener' AND datname = current_database()) l`,
  );
  expect(await client.next()).toBe('A');
  expect(server.listener.metrics.gaps).toBe(0);
  expect(errors.length).toBeGreaterThan(0);
  await client.disconnect();
});

test(
  'while the database is away who comes back waits, and after its restart hears all, each once',
  { timeout: 60_000 },
  async () => {
    await using postgres = await testPostgres();
    await createLetters(postgres);
    const errors: unknown[] = [];
    await using server = await startServer(postgres.connectionString, errors);
    await postgres.pool.query(INSERT, ['A']);
    const client = await connect(server);
    expect(await client.next()).toBe('position');
    await postgres.pool.query(INSERT, ['B']);
    expect(await client.next()).toBe('B');
    await client.disconnect();
    await postgres.pool.query(INSERT, ['C']);
    await postgres.stop();
    await vi.waitFor(() => expect(server.listener.state).toBe('connecting'));
    const again = await connect(server, client.position);
    const first = again.next();
    await postgres.restart();
    await postgres.pool.query(INSERT, ['D']);
    expect([await first, await again.next(), await again.next()]).toEqual(['position', 'C', 'D']);
    expect(server.listener.metrics.gaps).toBe(0);
    await again.disconnect();
  },
);

test('who leaves while the log cannot be read is not kept until it can', async () => {
  await using world = await openSource('the log alone', { longestPause: 50 });
  await world.pool.query('ALTER TABLE change_log RENAME TO elsewhere');
  const answered: string[] = [];
  const ask = (name: string): (() => void) | undefined =>
    world.source.read(world.sink.head, () => void answered.push(name));
  const leave = [ask('one'), ask('another')];
  ask('who stays');
  await vi.waitFor(() => expect(world.errors).toHaveLength(1));
  expect(world.source.waiting).toBe(3);
  for (const withdraw of leave) withdraw?.();
  expect(world.source.waiting).toBe(1);
  await world.pool.query('ALTER TABLE elsewhere RENAME TO change_log');
  await vi.waitFor(() => expect(answered).toEqual(['who stays']));
  expect(world.source.waiting).toBe(0);
});

test('connections that went silent are given up, and what was committed meanwhile comes in its place', async () => {
  await using database = await testDatabase();
  await createLetters(database);
  const address = new URL(database.connectionString);
  await using proxy = await tcpProxy(Number(address.port));
  address.port = String(proxy.port);
  await using server = await startServer(address.href);
  const client = await connect(server);
  expect(await client.next()).toBe('position');
  proxy.goSilent();
  await database.pool.query(INSERT, ['A']);
  await vi.waitFor(() => expect(server.listener.state).toBe('connecting'), { timeout: 10_000 });
  proxy.speak();
  expect(await client.next()).toBe('A');
  expect(server.listener.metrics.gaps).toBe(0);
  await client.disconnect();
});

test('a database without a change log is said at the start', async () => {
  await using database = await testDatabase({ migrated: false });
  await expect(startServer(database.connectionString)).rejects.toMatchObject({
    code: 'cannot-listen',
    message: expect.stringContaining('createChangeEvents'),
  });
});
