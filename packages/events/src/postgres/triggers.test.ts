import { testDatabase } from '../../../../db/testing.ts';
import { sql } from 'kysely';
import pg from 'pg';
import { expect, test } from 'vitest';

import type { ChannelDefinition } from '../contract.ts';
import { createDecoder } from './decode.ts';
import { createChangeTriggers, dropChangeTriggers } from './triggers.ts';

/** A table of the test's own, announced on a channel, and somebody who hears it. */
async function announced(channel: string, ddl: string, definition: ChannelDefinition) {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  await database.pool.query(ddl);
  await createChangeTriggers(database.db, channel, definition);
  const client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
  stack.defer(() => client.end());
  const payloads: string[] = [];
  client.on('notification', ({ payload = '' }) => payloads.push(payload));
  await client.query(`LISTEN "${channel.replaceAll('"', '""')}"`);
  const decode = createDecoder({ [channel]: definition });
  return {
    database,
    definition,
    run: (statement: string) => database.pool.query(statement),
    /** What was announced since the last call. */
    async payloads() {
      // Its answer comes after the notifications of what was committed before.
      await client.query('SELECT 1');
      return payloads.splice(0);
    },
    async events() {
      const heard = (await this.payloads()).map((payload) => decode(channel, payload));
      return heard.map((one) => (one.kind === 'change' ? one.event : one));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const sums: ChannelDefinition = {
  table: 'sums',
  columns: ['id', 'total', 'exact'],
  text: ['total', 'exact'],
  audience: ['all:{id}'],
};

test('a bigint beyond 2^53 and a long numeric arrive as they are, as text', async () => {
  const ddl = 'CREATE TABLE sums (id int PRIMARY KEY, total bigint, exact numeric)';
  await using world = await announced('sums', ddl, sums);
  await world.run(`INSERT INTO sums VALUES (1, 9007199254740993, 0.1234567890123456789012)`);
  await world.run(`UPDATE sums SET total = total + 1`);
  await world.run(`UPDATE sums SET total = NULL`);
  expect(await world.events()).toMatchObject([
    { operation: 'INSERT', total: '9007199254740993', exact: '0.1234567890123456789012' },
    { operation: 'UPDATE', total: '9007199254740994', changed: ['total'] },
    { operation: 'UPDATE', total: null, changed: ['total'] },
  ]);
});

test('without "text" a bigint is a number in the payload, exact for any other language, and refused when it is not for ours', async () => {
  const ddl = 'CREATE TABLE sums (id int PRIMARY KEY, total bigint, exact numeric)';
  await using world = await announced('sums', ddl, { ...sums, text: [] });
  await world.run(`INSERT INTO sums VALUES (1, 9007199254740991), (2, 9007199254740993)`);
  const [small, large] = await world.payloads();
  expect(large).toContain('"total":9007199254740993,');
  const decode = createDecoder({ sums });
  expect(decode('sums', small!)).toMatchObject({ event: { total: Number.MAX_SAFE_INTEGER } });
  expect(() => decode('sums', large!)).toThrow(/"total" is 9007199254740993/);
});

const wide: ChannelDefinition = {
  table: 'wide',
  columns: ['id', 'name', 'data', 'place'],
  watch: ['name', 'data', 'place', 'hidden'],
  audience: ['all:{id}'],
};
const WIDE = `CREATE TABLE wide (id int PRIMARY KEY, name text, data json, place point, hidden text, unwatched text);
              INSERT INTO wide VALUES (1, 'a', '{"a": 1}', '(1,2)', 'h', 'u')`;

test('an UPDATE names what changed, also of types that have no equality', async () => {
  await using world = await announced('wide', WIDE, wide);
  await world.run(`UPDATE wide SET name = 'b', place = '(2,2)'`);
  await world.run(`UPDATE wide SET data = '{"a": 2}'`);
  await world.run(`UPDATE wide SET name = NULL, data = NULL`);
  await world.run(`UPDATE wide SET hidden = 'i'`);
  const events = await world.events();
  expect(events.map((event) => 'changed' in event && event.changed)).toEqual([
    ['name', 'place'],
    ['data'],
    ['name', 'data'],
    ['hidden'],
  ]);
  // A watched column that is not carried is named, never shown.
  expect(events[3]).not.toHaveProperty('hidden');
});

test('only a watched column’s change is announced', async () => {
  await using world = await announced('wide', WIDE, wide);
  await world.run(`UPDATE wide SET unwatched = 'v'`);
  await world.run(`UPDATE wide SET name = name`);
  expect(await world.events()).toEqual([]);
  await world.run(`UPDATE wide SET unwatched = 'w', name = 'c'`);
  expect(await world.events()).toMatchObject([{ operation: 'UPDATE', changed: ['name'] }]);
});

test('without "watch" any column’s change is, with nothing to name when it is not carried', async () => {
  const { watch: _, ...all } = wide;
  await using world = await announced('wide', WIDE, all);
  await world.run(`UPDATE wide SET unwatched = 'v'`);
  expect(await world.events()).toMatchObject([{ operation: 'UPDATE', changed: [] }]);
});

test('an audience of a type without equality, and texts that are equal but not the same, move as any other', async () => {
  const ddl = `CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
               CREATE TABLE moving (id int PRIMARY KEY, data json, name text COLLATE any_case)`;
  const columns = ['id', 'data', 'name'];
  await using world = await announced('moving', ddl, {
    table: 'moving',
    columns,
    audience: ['data:{data}', 'name:{name}'],
  });
  await world.run(`INSERT INTO moving VALUES (1, '{}', 'a')`);
  await world.run(`UPDATE moving SET data = data`);
  await world.run(`UPDATE moving SET data = '[]'`);
  await world.run(`UPDATE moving SET name = 'A'`);
  const operations = (await world.events()).map((event) => 'operation' in event && event.operation);
  expect(operations).toEqual(['INSERT', 'DELETE', 'INSERT', 'DELETE', 'INSERT']);
});

test('values look the same whatever the writer’s session says', async () => {
  const ddl =
    'CREATE TABLE kinds (id int PRIMARY KEY, at timestamptz, span interval, bytes bytea, ratio float8)';
  const definition = {
    table: 'kinds',
    columns: ['id', 'at', 'span', 'bytes', 'ratio'],
    text: ['span'],
    audience: ['all:{id}'],
  };
  await using world = await announced('kinds', ddl, definition);
  const insert = `INSERT INTO kinds VALUES (%, '2026-01-02 03:04:05+00', '1 day 02:00', '\\x00ff', 0.1::float8 + 0.2)`;
  await world.run(insert.replace('%', '1'));
  await world.run(
    `BEGIN; SET LOCAL datestyle = 'German'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL bytea_output = 'escape';
     SET LOCAL extra_float_digits = -5; SET LOCAL timezone = 'Asia/Tokyo'; ${insert.replace('%', '2')}; COMMIT`,
  );
  const [plain, odd] = await world.events();
  const { id: _, seq: __, announced_at: ___, ...values } = odd as Record<string, unknown>;
  expect(plain).toMatchObject(values);
  expect(values).toMatchObject({ span: '1 day 02:00:00', bytes: '\\x00ff', ratio: 0.1 + 0.2 });
});

test.each([
  [`tab"le'; DROP TABLE team; --`, `co"l'umn\\`, `ch"an'nel\\; --`],
  ['Ünïcode täble', 'SELECT', 'Mixed Case.dots'],
  ['$announce$', '$$', '%s%I'],
])('hostile names are only names: %j, %j, %j', async (table, column, channel) => {
  const q = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const ddl = `CREATE TABLE ${q(table)} (id int PRIMARY KEY, ${q(column)} text)`;
  const definition = {
    table,
    columns: ['id', column],
    watch: [column],
    whole: [column],
    audience: [`x:{${column}}`],
  };
  await using world = await announced(channel, ddl, definition);
  await world.run(`INSERT INTO ${q(table)} VALUES (1, 'a')`);
  await world.run(`UPDATE ${q(table)} SET ${q(column)} = 'b'`);
  await world.run(`DELETE FROM ${q(table)}`);
  await world.run(`TRUNCATE ${q(table)}`);
  const heard = await world.events();
  expect(heard.map((event) => ('kind' in event ? event.kind : event.operation))).toEqual([
    'INSERT',
    'DELETE',
    'INSERT',
    'DELETE',
    'resync',
  ]);
  expect(heard[0]).toMatchObject({ channel, [column]: 'a' });
  await dropChangeTriggers(world.database.db, table);
  const { rows } =
    await sql`SELECT FROM pg_trigger WHERE tgname LIKE '%announce%' AND tgrelid = ${q(table)}::regclass`.execute(
      world.database.db,
    );
  expect(rows).toEqual([]);
});

test('a hostile search_path finds nothing of its own in the way', async () => {
  const ddl = 'CREATE TABLE sums (id int PRIMARY KEY, total bigint, exact numeric)';
  await using world = await announced('sums', ddl, sums);
  await world.run(`CREATE SCHEMA evil;
    CREATE FUNCTION evil.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'evil'; END $$;
    CREATE FUNCTION evil.row_to_json(record) RETURNS json LANGUAGE plpgsql AS $$ BEGIN RAISE 'evil'; END $$;
    CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE 'evil'; END $$;
    CREATE TABLE evil.sums (id int);
    CREATE SEQUENCE evil.change_event_seq;`);
  await world.run(
    `BEGIN; SET LOCAL search_path = evil, public, pg_catalog; INSERT INTO public.sums VALUES (1); COMMIT`,
  );
  expect(await world.events()).toMatchObject([{ operation: 'INSERT', id: 1 }]);
});
