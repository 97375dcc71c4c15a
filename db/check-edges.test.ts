import { type ChannelDefinitions, contractOf } from '@processflow/events';
import {
  checkChannels,
  describeDifferences,
  migrationSource,
  readColumnTypes,
} from '@processflow/events/postgres';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { channels } from './channels.ts';
import { findDifferences } from './check.ts';
import { testDatabase } from './testing.ts';
import { close, closeAndReopen, undone } from './testing-check.ts';
import { temporaryFolder } from './testing-migration.ts';

test('what others call nearly as the kit calls its own is theirs', async () => {
  await using database = await testDatabase();
  const theirs = `
    CREATE TABLE change_event_archive (id int);
    CREATE FUNCTION change_event_history() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION change_event_notify(text, json) RETURNS void LANGUAGE sql AS '';
    CREATE FUNCTION tg_theirs__announce_insert(int) RETURNS void LANGUAGE sql AS '';
    CREATE FUNCTION archive() RETURNS trigger LANGUAGE plpgsql
      AS 'BEGIN INSERT INTO public.change_event_archive (id) SELECT change_event_history(); RETURN NULL; END';
    CREATE TRIGGER keep AFTER INSERT ON role FOR EACH ROW EXECUTE FUNCTION archive()`;
  await sql.raw(theirs).execute(database.db);
  expect(await findDifferences(database.db)).toEqual([]);
});

test('a table and its column that were renamed together wait for the definition, and are then closed', async () => {
  await using database = await testDatabase();
  await using folder = await temporaryFolder();
  const { db } = database;
  const changes = [
    'ALTER TABLE role RENAME TO part',
    'ALTER TABLE part RENAME COLUMN name TO title',
    // Another that calls what the renamed table's own triggers still call.
    'CREATE TRIGGER again AFTER INSERT ON team REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tg_role__announce_insert()',
  ];
  for (const change of changes) await sql.raw(change).execute(db);
  const own = { ...channels.role_changes, table: 'part' };
  const half: ChannelDefinitions = { ...channels, role_changes: own };
  const check = async () => (await checkChannels(db, half)).map(({ kind, what }) => `${kind} ${what}`);
  const verbs = (text: string): string[] =>
    ['insert', 'update', 'delete', 'truncate'].map((verb) => text.replace('*', verb));
  const waiting = [
    'column-gone column "part"."name"',
    ...verbs('missing function public."tg_part__announce_*"()'),
    ...verbs('changed trigger _900_announce_* on public."part"'),
    ...verbs('stray function public.tg_role__announce_*()'),
  ];
  expect((await check()).toSorted()).toEqual([...waiting, 'stray trigger again on public.team'].toSorted());
  await close(db, folder.path, half, () => checkChannels(db, half));
  expect((await check()).toSorted()).toEqual(waiting.toSorted());
  expect(migrationSource(await checkChannels(db, half), half).source).toBeUndefined();

  const columns = own.columns.map((column) => (column === 'name' ? 'title' : column));
  const whole = { ...channels, role_changes: { ...own, columns } };
  await closeAndReopen(db, folder.path, whole, () => checkChannels(db, whole));
  await close(db, folder.path, whole, () => checkChannels(db, whole));
  expect(await checkChannels(db, whole)).toEqual([]);
});

test('a value more or less that a column may hold is another type, until the types are generated', async () => {
  await using database = await testDatabase();
  const { db } = database;
  await sql
    .raw(
      `ALTER TABLE process_instance DROP CONSTRAINT process_instance_status, ADD CHECK (status IN ('Running', 'It''s'));
       CREATE TYPE mood AS ENUM ('ok', 'bad');
       CREATE TABLE felt (id int PRIMARY KEY, mood mood NOT NULL, moods mood[], code varchar(3) CHECK (code IN ('a')), n int CHECK (n IN (1)), "Odd" text CHECK ("Odd" IN ('a, ''b''', 'c')))`,
    )
    .execute(db);
  expect(await findDifferences(db)).toMatchObject([
    {
      kind: 'type-changed',
      what: 'column "process_instance"."status"',
      expected: "text: 'Cancelled' | 'Completed' | 'Incident' | 'Running' | 'Terminated'",
      found: "text: 'It''s' | 'Running'",
    },
  ]);
  const definitions = { felt: { table: 'felt', columns: ['id', 'mood'], audience: ['t:{id}'] } };
  const before = await readColumnTypes(db, ['felt']);
  expect(before['felt']).toEqual({
    id: 'integer',
    mood: "public.mood: 'bad' | 'ok'",
    moods: "public.mood[]: 'bad' | 'ok' | null",
    code: "character varying(3): 'a' | null",
    n: 'integer | null',
    Odd: "text: 'a, ''b''' | 'c' | null",
  });
  await sql`ALTER TYPE mood ADD VALUE 'so-so'`.execute(db);
  const after = await readColumnTypes(db, ['felt']);
  expect(contractOf(definitions, after)).not.toEqual(contractOf(definitions, before));
});

test('a name that PostgreSQL does not notify on is refused', async () => {
  await using database = await testDatabase();
  const { role_changes: definition, ...others } = channels;
  for (const [channel, bytes] of [
    ['', 0],
    ['ü'.repeat(32), 64],
  ] as const) {
    const definitions = { ...others, [channel]: definition };
    const differences = await checkChannels(database.db, definitions);
    expect(differences).toContainEqual(
      expect.objectContaining({ kind: 'unsuitable-channel', channel, found: `${bytes} bytes` }),
    );
    expect(migrationSource(differences, definitions).source).toBeUndefined();
  }
  const longest = { ...others, [`${'ü'.repeat(31)}x`]: definition };
  expect(new Set((await checkChannels(database.db, longest)).map(({ kind }) => kind))).toEqual(
    new Set(['changed']),
  );
});

test('digits that a number in JSON would lose are told of, unless they travel as text', async () => {
  await using database = await testDatabase();
  const { db } = database;
  await sql`CREATE TABLE bill (id int PRIMARY KEY, a numeric, b numeric(16,2), c numeric[], d numeric(15,2) NOT NULL, e bigint, f float8)`.execute(
    db,
  );
  const definition = { table: 'bill', columns: ['id', 'a', 'b', 'c', 'd', 'e', 'f'], audience: ['t:{id}'] };
  const unsuitable = async (text: string[]) =>
    (await checkChannels(db, { bill: { ...definition, text } }))
      .filter(({ kind }) => kind === 'unsuitable-column')
      .map(({ what }) => what);
  expect(await unsuitable([])).toEqual(['column "bill"."a"', 'column "bill"."b"', 'column "bill"."c"']);
  expect(await unsuitable(['a', 'b', 'c'])).toEqual([]);

  await sql`ALTER TABLE bill ADD COLUMN g int GENERATED ALWAYS AS (id) VIRTUAL`.execute(db);
  const virtual = { ...channels, bill: { table: 'bill', columns: ['id', 'g'], audience: ['t:{id}'] } };
  const differences = await checkChannels(db, virtual);
  expect(differences.map(({ kind }) => kind)).toEqual(['unsuitable-column', 'missing']);
  // Its triggers would be refused.
  expect(migrationSource(differences, virtual).open).toEqual(differences);
});

test('who has no commands is told what to call', async () => {
  await using database = await testDatabase({ migrated: false });
  await sql`CREATE TABLE member (id int PRIMARY KEY)`.execute(database.db);
  const definitions = { member_changes: { table: 'member', columns: ['id'], audience: ['m:{id}'] } };
  const text = describeDifferences(await checkChannels(database.db, definitions));
  expect(text).toContain('in 2 ways:');
  expect(text).toContain('  what all triggers share: missing\n');
  expect(text).toContain('  member_changes: triggers of table "member": missing\n');
  expect(text).toContain('const { source } = migrationSource(differences, channels)');
  expect(text).toContain('createChangeEvents(db)');
  expect(text).toContain("createChangeTriggers(db, 'member_changes', { table: 'member', ... })");
});

test('partitioned tables and views are unsuitable', async () => {
  await using database = await testDatabase();
  await sql`CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)`.execute(database.db);
  await sql`CREATE VIEW seen AS SELECT id FROM role`.execute(database.db);
  for (const [table, why] of [
    ['parts', /partitioned/],
    ['seen', /not an ordinary table/],
  ] as const) {
    const definitions = { ...channels, x: { table, columns: ['id'], audience: ['x:{id}'] } };
    expect(await checkChannels(database.db, definitions)).toContainEqual(
      expect.objectContaining({ kind: 'unsuitable-table', table, found: expect.stringMatching(why) }),
    );
  }
});

test('a key that is unique only now and then, only in part or of nulls is none', async () => {
  await using database = await testDatabase();
  const definitions = { x: { table: 'x', columns: ['a', 'b'], key: ['a', 'b'], audience: ['x:{a}'] } };
  const isKey = async (columns: string): Promise<boolean> => {
    let kinds: string[] = [];
    await undone(database.db, async (trx) => {
      await sql.raw(`CREATE TABLE x (${columns})`).execute(trx);
      kinds = (await checkChannels(trx, definitions)).map(({ kind }) => kind);
    });
    return !kinds.includes('not-a-key');
  };
  expect(await isKey('a int, b int, PRIMARY KEY (b, a)')).toBe(true);
  expect(await isKey('a int NOT NULL UNIQUE, b int NOT NULL')).toBe(true);
  expect(await isKey('a int UNIQUE, b int NOT NULL')).toBe(false);
  expect(await isKey('a int NOT NULL, b int NOT NULL, UNIQUE (a, b) DEFERRABLE')).toBe(false);
  expect(await isKey('a int, b int, c int, PRIMARY KEY (a, b, c)')).toBe(false);
  expect(await isKey('a int NOT NULL, b int NOT NULL, EXCLUDE (a WITH =) WHERE (b > 0)')).toBe(false);
});
