import pg from 'pg';
import { expect, test } from 'vitest';

import { testDatabase } from '../../../../db/testing.ts';
import { IDENTITY_SQL, resolveEpoch } from './epoch.ts';

async function connected() {
  const database = await testDatabase();
  const client = await database.pool.connect();
  return {
    database,
    client,
    async identity() {
      const { rows } = await client.query<{ identity: string }>(`SELECT ${IDENTITY_SQL} AS identity`);
      return rows[0]!.identity;
    },
    async [Symbol.asyncDispose]() {
      client.release();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** What a dump of another database brings: its rows, with its transactions' ids. */
const dumped = (ahead: number, payload: string): string =>
  `INSERT INTO change_log VALUES (nextval('change_event_seq'),
    ((pg_snapshot_xmax(pg_current_snapshot())::text::bigint + ${ahead})::text)::xid8, now(), true, 'names', '${payload}')`;

const position = (epoch: string) => ({ epoch, snapshot: { xmin: 1n, xmax: 1n, inProgress: [] } });

test('an epoch begins once, and every read says that it still is', async () => {
  await using world = await connected();
  const first = await resolveEpoch(world.client);
  expect(first.current).toMatch(/^[\w-]{6}$/);
  const again = await resolveEpoch(world.client);
  expect([again.current, again.identity]).toEqual([first.current, first.identity]);
  expect(await world.identity()).toBe(first.identity);
  expect(first.accepts(position(first.current))).toBe(true);
  expect(first.accepts(position('abcdef'))).toBe(false);
});

test('servers that ask at the same moment are told the same', async () => {
  await using world = await connected();
  const epochs = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const client = new pg.Client(world.database.connectionString);
      await client.connect();
      try {
        return await resolveEpoch(client);
      } finally {
        await client.end();
      }
    }),
  );
  expect(new Set(epochs.map(({ current, identity }) => `${current} ${identity}`)).size).toBe(1);
});

test('rows of transactions from the future came with a dump: they go, the others stay, and nothing is continued', async () => {
  await using world = await connected();
  const { client } = world;
  await client.query(dumped(-1, 'ours'));
  const before = await resolveEpoch(client);
  await client.query(dumped(100_000, 'soon'));
  await client.query(dumped(1_000_000, 'far ahead'));
  expect(await world.identity()).not.toBe(before.identity);
  const after = await resolveEpoch(client);
  expect(after.current).not.toBe(before.current);
  expect(after.accepts(position(before.current))).toBe(false);
  expect((await client.query('SELECT payload FROM change_log')).rows).toEqual([{ payload: 'ours' }]);
  // A server that did not look in between learns of it from the next read.
  expect(await world.identity()).toBe(after.identity);
  expect(after.identity).not.toBe(before.identity);
});

test('a row that can be seen although its transaction is open came with a dump, too', async () => {
  await using world = await connected();
  const { client, database } = world;
  const open = await database.pool.connect();
  await open.query('BEGIN');
  const { rows } = await open.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
  await client.query(
    "INSERT INTO change_log VALUES (nextval('change_event_seq'), $1::xid8, now(), true, 'names', 'foreign')",
    [rows[0]!.xid],
  );
  const ours = (xid: string) =>
    open.query(
      "INSERT INTO change_log VALUES (nextval('change_event_seq'), $1::xid8, now(), true, 'names', 'ours')",
      [xid],
    );
  await ours(rows[0]!.xid);
  await resolveEpoch(client);
  await open.query('COMMIT');
  open.release();
  expect((await client.query('SELECT payload FROM change_log')).rows).toEqual([{ payload: 'ours' }]);
});

test('a role needs to own the tables, no more', async () => {
  await using world = await connected();
  const { client, database } = world;
  const role = `owner_${database.name}`;
  await client.query(`CREATE ROLE ${role} NOSUPERUSER LOGIN`);
  try {
    for (const table of ['change_log', 'change_log_epoch', 'change_log_state']) {
      await client.query(`ALTER TABLE ${table} OWNER TO ${role}`);
    }
    await client.query(`SET SESSION AUTHORIZATION ${role}`);
    const first = await resolveEpoch(client);
    await client.query('RESET SESSION AUTHORIZATION');
    await client.query(dumped(100_000, 'foreign'));
    await client.query(`SET SESSION AUTHORIZATION ${role}`);
    expect(await world.identity()).not.toBe(first.identity);
    expect((await resolveEpoch(client)).current).not.toBe(first.current);
  } finally {
    await client.query('RESET SESSION AUTHORIZATION');
    await client.query(`REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP ROLE ${role}`);
  }
});

test('a transaction that fails half-way leaves the client as it was', async () => {
  await using world = await connected();
  await world.client.query('ALTER TABLE change_log_epoch RENAME TO elsewhere');
  await expect(resolveEpoch(world.client)).rejects.toThrow('change_log_epoch');
  await world.client.query('ALTER TABLE elsewhere RENAME TO change_log_epoch');
  await resolveEpoch(world.client);
});
