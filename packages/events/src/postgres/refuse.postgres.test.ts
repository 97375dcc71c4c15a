import { testDatabase, type TestDatabase } from '../../../../db/testing.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { ChannelDefinition } from '../contract.ts';
import { createChangeEvents, createChangeTriggers, dropChangeTriggers } from './triggers.ts';

let database: TestDatabase;
let statementOf: (sql: string) => Promise<unknown>;
beforeAll(async () => {
  database = await testDatabase({ migrated: false });
  statementOf = (text) => database.pool.query(text);
  await createChangeEvents(database.db);
});
afterAll(() => database[Symbol.asyncDispose]());

const role = { table: 'role', columns: ['id', 'name'], audience: ['x:{id}'] };
const COLUMNS = 'team_id int, name text, data json';

/** What creating the triggers says, and that nothing of them is left. */
async function refusal(ddl: string, definition: ChannelDefinition, channel = 'role_changes'): Promise<Error> {
  await statementOf(`DROP TABLE IF EXISTS role; CREATE TABLE role ${ddl}`);
  const error = await createChangeTriggers(database.db, channel, definition).then(
    () => new Error('was not refused'),
    (reason: unknown) => reason as Error,
  );
  const { rows } = await database.pool.query("SELECT FROM pg_proc WHERE proname LIKE 'tg\\_%'");
  expect(rows).toEqual([]);
  return error;
}

test.each<[string, string, Partial<ChannelDefinition>, RegExp]>([
  [
    'carries a column that is not there',
    '(id int PRIMARY KEY, names text)',
    {},
    /no column "name" \(in columns\); it has: id, names\. Did you mean "names"\?/,
  ],
  ['watches one', '(id int PRIMARY KEY, name text)', { watch: ['nope'] }, /no column "nope" \(in watch\)/],
  [
    'addresses one',
    '(id int PRIMARY KEY)',
    { audience: ['x:{name}'] },
    /no column "name" \(in columns, audience\)/,
  ],
  [
    'has one for its key',
    '(nr int PRIMARY KEY, name text)',
    {},
    /no column "id" \(in columns, key, audience\)/,
  ],
  [
    'carries what is computed when read',
    `(id int PRIMARY KEY, a text, name text GENERATED ALWAYS AS (a) VIRTUAL)`,
    {},
    /"name" \(in columns\) is a virtual generated column.*STORED/,
  ],
  [
    'watches what is computed when read',
    `(id int PRIMARY KEY, name text, v int GENERATED ALWAYS AS (id) VIRTUAL)`,
    { watch: ['v'] },
    /"v" \(in watch\) is a virtual/,
  ],
  ['has no key', `(id int NOT NULL, ${COLUMNS})`, {}, /key \(id\) is not one \(nothing is unique there\)/],
  [
    'has a key that may be null',
    `(id int UNIQUE, ${COLUMNS})`,
    {},
    /key \(id\) is not one \(id may be null\)/,
  ],
  [
    'has another key',
    `(id int NOT NULL, nr int UNIQUE, ${COLUMNS})`,
    {},
    /key \(id\) is not one \(unique there: \(nr\)\)/,
  ],
  ['has a deferrable key', `(id int PRIMARY KEY DEFERRABLE, ${COLUMNS})`, {}, /not deferrable/],
  [
    'has a key without equality',
    `(id int PRIMARY KEY, data json NOT NULL)`,
    { columns: ['id', 'data'], key: ['id', 'data'] },
    /key column "data" is json/,
  ],
])('a definition that %s is refused before anything is made', async (_, ddl, definition, message) => {
  const error = await refusal(ddl, { ...role, ...definition });
  expect(error).toMatchObject({ code: 'bad-table', message: expect.stringMatching(message) });
  expect(error.message).toMatch(/^Table "role" cannot be announced on channel "role_changes": /);
});

test('everything that is wrong is said at once', async () => {
  const error = await refusal('(id int)', role);
  expect(error.message).toMatch(/no column "name".*And its key \(id\) is not one/);
});

test('a definition that contradicts itself is refused as defineChannels does', async () => {
  const ddl = '(id int PRIMARY KEY, name text)';
  expect(await refusal(ddl, role, 'x'.repeat(64))).toMatchObject({ code: 'bad-definition' });
  expect(await refusal(ddl, { ...role, audience: [] })).toMatchObject({ code: 'bad-definition' });
});

test('without createChangeEvents, what to call is said', async () => {
  await using empty = await testDatabase({ migrated: false });
  await empty.pool.query('CREATE TABLE role (id int PRIMARY KEY, name text)');
  await expect(createChangeTriggers(empty.db, 'role_changes', role)).rejects.toThrow(
    /change_event_fit.*change_event_resync.*public\.change_event_seq.*call createChangeEvents\(db\) first/,
  );
});

test('a virtual column that is not named does no harm', async () => {
  await statementOf(
    'CREATE TABLE fine (id int PRIMARY KEY, name text, v int GENERATED ALWAYS AS (id) VIRTUAL)',
  );
  await createChangeTriggers(database.db, 'fine_changes', { ...role, table: 'fine' });
  const writes = statementOf(
    "INSERT INTO fine VALUES (1, 'a'); UPDATE fine SET name = 'b'; DELETE FROM fine",
  );
  await expect(writes).resolves.toBeDefined();
  await dropChangeTriggers(database.db, 'fine');
});

test('a table that is announced already says where, also when it is the functions alone that are left', async () => {
  const channel = `it's "here"\\`;
  await statementOf('CREATE TABLE twice (id int PRIMARY KEY, name text)');
  const create = (on: string) => createChangeTriggers(database.db, on, { ...role, table: 'twice' });
  await create(channel);
  await expect(create('other')).rejects.toMatchObject({
    code: 'bad-table',
    message: expect.stringContaining(`it is already announced on channel "${channel}"`),
  });
  await expect(create('other')).rejects.toThrow(
    /call dropChangeTriggers\(db, "twice"\) first: a table has one/,
  );
  await statementOf('DROP TABLE twice; CREATE TABLE twice (id int PRIMARY KEY, name text)');
  await expect(create('other')).rejects.toThrow(/functions of a table that was called so are left/);
  await dropChangeTriggers(database.db, 'twice');
  await create('other');
  await dropChangeTriggers(database.db, 'twice');
});

test.each(['x'.repeat(41), `${'y'.repeat(38)}😀`, `${'y'.repeat(39)}😀`, `${'y'.repeat(40)}😀`])(
  'tables whose long names begin alike have functions of their own: %s',
  async (start) => {
    const tables = [`${start}_one`, `${start}_two`] as const;
    const left = async () => {
      const { rows } = await database.pool.query<{ name: string }>(
        `SELECT DISTINCT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgname LIKE '%announce%'`,
      );
      return rows.map(({ name }) => name.replaceAll('"', ''));
    };
    for (const table of tables) {
      await statementOf(`CREATE TABLE "${table}" (id int PRIMARY KEY, name text)`);
      await createChangeTriggers(database.db, table.slice(-3), { ...role, table });
    }
    await dropChangeTriggers(database.db, tables[1]);
    expect(await left()).toEqual([tables[0]]);
    await dropChangeTriggers(database.db, tables[0]);
    expect(await left()).toEqual([]);
  },
);
