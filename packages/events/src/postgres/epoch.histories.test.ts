import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { createServers, type Servers } from '../../../../db/change-log/servers.ts';
import { createDb, createPool } from '../../../../db/client.ts';
import { withDatabase } from '../../../../db/testing-server.ts';
import { resolveEpoch } from './epoch.ts';
import { readLog, rowsAfter } from './log-reader.ts';
import type { Position } from './position.ts';
import { clamp, isWithin } from './snapshot.ts';
import { createChangeEvents } from './triggers.ts';

// Servers are copied, killed and recovered.
vi.setConfig({ testTimeout: 60_000 });

let servers: Servers;

beforeAll(async () => {
  servers = await createServers();
  const base = await servers.start('base');
  {
    await using db = createDb(createPool(base.connectionString));
    await createChangeEvents(db);
  }
  await servers.stop('base');
  await servers.configure('base', 'max_prepared_transactions = 5');
}, 60_000);

afterAll(() => servers[Symbol.asyncDispose]());

let copies = 0;

/** A server with an empty log; all of them are copies of one, so that only what the test does tells them apart. */
async function server() {
  const name = `server${(copies += 1)}`;
  await servers.copy('base', name);
  return { name, ...(await servers.start(name)) };
}

/** A reader that opened its connection now. */
async function connect(connectionString: string) {
  const client = new pg.Client({ connectionString });
  // Tests kill the server under open connections.
  client.on('error', () => undefined);
  await client.connect();
  const write = async (...names: string[]): Promise<void> => {
    for (const name of names) {
      await client.query(
        `INSERT INTO change_log (id, xid, at, rung, channel, payload)
         VALUES (nextval('change_event_seq'), pg_current_xact_id(), clock_timestamp(), false, 'names', $1)`,
        [name],
      );
    }
  };
  /** As the source does: what the position missed, or that this cannot be told. */
  const resume = async ({ epoch, snapshot }: Position): Promise<readonly string[] | 'refused'> => {
    const epochs = await resolveEpoch(client);
    if (!epochs.accepts({ epoch, snapshot })) return 'refused';
    const read = await readLog(client, { from: snapshot, limit: 1_000 });
    if (snapshot.xmin < read.prunedBelow || !isWithin(snapshot, read.seen)) return 'refused';
    return rowsAfter(read, snapshot)!.map(({ payload }) => payload);
  };
  const position = async (): Promise<Position> => {
    const { current: epoch } = await resolveEpoch(client);
    const { seen, largest } = await readLog(client, { from: undefined, limit: 1 });
    return { epoch, snapshot: clamp(seen, largest) };
  };
  return { client, write, resume, position, [Symbol.asyncDispose]: () => client.end() };
}

const everything = async ({ client }: Awaited<ReturnType<typeof connect>>) =>
  (await client.query<{ payload: string }>('SELECT payload FROM change_log ORDER BY id')).rows.map(
    ({ payload }) => payload,
  );

async function restarted(name: string) {
  return connect((await servers.start(name)).connectionString);
}

/** PostgreSQL ends and starts all its processes anew when one of them has crashed. */
async function recovered(connectionString: string, checkpointer: number) {
  return vi.waitFor(
    async () => {
      const connection = await connect(connectionString);
      if ((await checkpointerOf(connection)) !== checkpointer) return connection;
      await connection.client.end();
      throw new Error('It has not noticed yet.');
    },
    { timeout: 20_000 },
  );
}

async function checkpointerOf({ client }: { client: pg.Client }): Promise<number> {
  const { rows } = await client.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
  );
  return rows[0]!.pid;
}

test('a server that stopped in order and came back goes on where positions were', async () => {
  const one = await server();
  const before = await connect(one.connectionString);
  await before.write('a');
  const first = await before.position();
  await before.write('b');
  const last = await before.position();
  await before.client.end();
  await servers.stop(one.name);

  await using after = await restarted(one.name);
  expect(await after.resume(last)).toEqual([]);
  await after.write('c');
  expect(await after.resume(first)).toEqual(['b', 'c']);
  expect(await after.resume(last)).toEqual(['c']);
  const now = await after.position();
  expect(now.epoch).not.toBe(last.epoch);
  await after.client.end();
  await servers.stop(one.name);
  await servers.start(one.name);
  await servers.stop(one.name);

  // Through any number of stops, also when nobody looked in between.
  await using later = await restarted(one.name);
  await later.write('d');
  expect(await later.resume(first)).toEqual(['b', 'c', 'd']);
  expect(await later.resume(now)).toEqual(['d']);
});

test('a log that nobody wrote to yet goes on after a stop as well', async () => {
  const one = await server();
  const before = await connect(one.connectionString);
  const empty = await before.position();
  await before.client.end();
  await servers.stop(one.name);
  await using after = await restarted(one.name);
  expect(await after.resume(empty)).toEqual([]);
  await after.write('a');
  expect(await after.resume(empty)).toEqual(['a']);
});

test.each([
  ['postmaster', async (one: { pid: number }) => process.kill(one.pid, 'SIGKILL')],
  [
    'backend',
    async (_: unknown, { client }: { client: pg.Client }) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      process.kill(rows[0]!.pid, 'SIGKILL');
    },
  ],
])('after a %s was killed, nobody is told to have missed nothing', async (killed, kill) => {
  const one = await server();
  const before = await connect(one.connectionString);
  const ended = new Promise((resolve) => before.client.once('end', resolve));
  const empty = await before.position();
  // Not yet on disk: what was written is lost, and its transactions' ids are handed out again.
  await before.write('a', 'b', 'c');
  const seen = await before.position();
  const checkpointer = await checkpointerOf(before);
  await kill(one, before);
  await ended;
  if (killed === 'postmaster') await servers.stop(one.name);
  await using after =
    killed === 'postmaster' ? await restarted(one.name) : await recovered(one.connectionString, checkpointer);
  await after.write('x', 'y', 'z', 'last');
  expect(await after.resume(seen)).toBe('refused');
  expect(await after.resume(empty)).toBe('refused');
  const now = await after.position();
  await after.write('next');
  expect(await after.resume(now)).toEqual(['next']);
});

test.each(['at once', 'later'])('a volume from before, looked at %s', async (when) => {
  const original = await server();
  const before = await connect(original.connectionString);
  await before.write('a');
  const early = await before.position();
  await before.write('b');
  await before.client.end();
  await servers.stop(original.name);
  const copy = `${original.name}-copy`;
  await servers.copy(original.name, copy);

  const goneOn = await restarted(original.name);
  await goneOn.write('lost');
  const ahead = await goneOn.position();
  const still: Position = { epoch: early.epoch, snapshot: ahead.snapshot };
  await goneOn.client.end();

  await using restored = await restarted(copy);
  const rest = ['c', 'd', 'e'];
  // Ids that the original gave away are in use before anybody asks which history this is.
  if (when === 'later') await restored.write(...rest);
  expect(await restored.resume(ahead)).toBe('refused');
  expect(await restored.resume(still)).toBe('refused');
  if (when === 'at once') await restored.write(...rest);
  expect(await restored.resume(early)).toEqual(['b', ...rest]);
  expect(await restored.resume(ahead)).toBe('refused');
  expect(await restored.resume(still)).toBe('refused');
});

test('a transaction that was prepared before the stop may end differently in a copy: nothing is continued', async () => {
  const one = await server();
  const before = await connect(one.connectionString);
  await before.client.query('BEGIN');
  await before.write('prepared');
  await before.client.query("PREPARE TRANSACTION 'p'");
  await before.write('a');
  const position = await before.position();
  await before.client.end();
  await servers.stop(one.name);
  await using after = await restarted(one.name);
  expect(await after.resume(position)).toBe('refused');
  const now = await after.position();
  await after.client.query("COMMIT PREPARED 'p'");
  expect(await after.resume(now)).toEqual(['prepared']);
});

test('a promoted standby refuses the positions of its primary', async () => {
  const primary = await server();
  const before = await connect(primary.connectionString);
  await before.write('a');
  const position = await before.position();
  await before.client.end();
  await servers.stop(primary.name);
  const standby = `${primary.name}-standby`;
  await servers.copy(primary.name, standby);
  await servers.promote(standby);
  await using after = await restarted(standby);
  expect(await after.resume(position)).toBe('refused');
  expect(await everything(after)).toEqual(['a']);
});

test('another database is another history: re-created, cloned, or with an emptied log', async () => {
  const one = await server();
  const url = (name: string) => withDatabase(one.connectionString, name);
  await using admin = await connect(url('postgres'));
  const source = await connect(one.connectionString);
  await source.write('a');
  const position = await source.position();
  await source.client.end();

  await admin.client.query('CREATE DATABASE clone TEMPLATE processflow');
  const clone = await connect(url('clone'));
  await clone.write('b');
  expect(await clone.resume(position)).toBe('refused');
  await clone.client.end();

  await admin.client.query('DROP DATABASE processflow');
  await admin.client.query('CREATE DATABASE processflow TEMPLATE clone');
  await using recreated = await connect(one.connectionString);
  expect(await recreated.resume(position)).toBe('refused');

  const beforeTruncate = await recreated.position();
  expect(await recreated.resume(beforeTruncate)).toEqual([]);
  await recreated.client.query('TRUNCATE change_log');
  expect(await recreated.resume(beforeTruncate)).toBe('refused');
  expect(await recreated.resume(await recreated.position())).toEqual([]);
});
