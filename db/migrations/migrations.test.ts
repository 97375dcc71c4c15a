import { readdir } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { generateTypes } from '../generate-types.ts';
import { migrateDown, migrateToLatest } from '../migrate.ts';
import { dumpCatalog } from '../testing-catalog.ts';
import { testDatabase } from '../testing.ts';
import { migrations } from './index.ts';

const names = Object.keys(migrations);
/** On a database that began with this version of the kit there is nothing left for them to do. */
const REFRESHING = ['0005_changed_columns', '0008_change_log'];

/** The migrations as they were when `name` was the latest. */
function upTo(name: string) {
  return Object.fromEntries(Object.entries(migrations).slice(0, names.indexOf(name) + 1));
}

async function up<DB>(db: Kysely<DB>, name: string): Promise<string[]> {
  await migrateToLatest(db, upTo(name));
  return await dumpCatalog(db);
}

test('every file is in the list, by its name and in its order', async () => {
  const files = await readdir(new URL('.', import.meta.url));
  const expected = files
    .filter((file) => /^\d{4}_\w+\.ts$/.test(file))
    .map((file) => file.replace('.ts', ''));
  expect(names).toEqual(expected.toSorted());
});

test('every step, taken back, leaves the database as it was before, and taken again, as it was after', async () => {
  await using database = await testDatabase({ migrated: false });
  const { db } = database;
  let before = await dumpCatalog(db);
  for (const name of names) {
    const after = await up(db, name);
    expect(JSON.stringify(after) === JSON.stringify(before), `${name} made nothing`).toBe(
      REFRESHING.includes(name),
    );
    expect(await migrateDown(db, upTo(name))).toEqual([name]);
    expect(await dumpCatalog(db), `${name} is taken back`).toEqual(before);
    expect(await up(db, name), `${name} is taken again`).toEqual(after);
    before = after;
  }
});

test.each(REFRESHING)('%s brings triggers from before to what they are now', async (name) => {
  await using database = await testDatabase({ migrated: false });
  const { db, pool } = database;
  const now = await up(db, name);
  await migrateDown(db, upTo(name));
  await pool.query(`DO $$ DECLARE f record; BEGIN
    FOR f IN SELECT oid, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname ~ '^(tg_|change_event_)' LOOP
      EXECUTE replace(pg_get_functiondef(f.oid), f.prosrc, ' BEGIN END ');
    END LOOP;
  END $$`);
  expect(await dumpCatalog(db)).not.toEqual(now);
  expect(await up(db, name)).toEqual(now);
});

test('all the way down there is nothing of ours, and up again it is the same, types included', async () => {
  await using empty = await testDatabase({ migrated: false });
  await using database = await testDatabase();
  const { db } = database;
  const [schema, types] = [await dumpCatalog(db), await generateTypes(db)];
  expect(schema.length).toBeGreaterThan(200);
  for (const name of names.toReversed()) expect(await migrateDown(db)).toEqual([name]);
  expect(await dumpCatalog(db)).toEqual(await dumpCatalog(empty.db));
  await migrateToLatest(db);
  expect(await dumpCatalog(db)).toEqual(schema);
  expect(await generateTypes(db)).toBe(types);
});

test('it goes down with data in it', async () => {
  await using database = await testDatabase();
  const { db, pool } = database;
  const id = '00000000-0000-4000-8000-000000000001';
  await db.insertInto('profile').values({ id, name: 'Ada', email: 'ada@example.com' }).execute();
  const team = await db.insertInto('team').values({ name: 'Demo' }).returning('id').executeTakeFirstOrThrow();
  await db.insertInto('profile_team').values({ team_id: team.id, profile_id: id, is_owner: true }).execute();
  for (const _ of names) await migrateDown(db);
  expect((await pool.query('select from schema_migration')).rowCount).toBe(0);
});

test('a database cloned from a template is what migrating makes of an empty one', async () => {
  await using cloned = await testDatabase();
  await using migrated = await testDatabase({ migrated: false });
  await migrateToLatest(migrated.db);
  expect(await dumpCatalog(cloned.db)).toEqual(await dumpCatalog(migrated.db));
});

test('the dump tells two databases apart by the smallest thing', async () => {
  await using database = await testDatabase();
  const { db, pool } = database;
  const seen = new Set([(await dumpCatalog(db)).join('\n')]);
  const changes = [
    'alter table team alter column name drop not null',
    'create index somewhere on team (created_at)',
    "alter table team alter column name set default 'x'",
    'alter table team add constraint odd check (id <> 7)',
    'create sequence loose',
    "create function loose() returns int language sql as 'select 1'",
    'revoke execute on function loose() from public',
    'grant select on team to public',
    'alter table team disable trigger user',
    "create type loose_type as enum ('a')",
    'create schema loose_schema',
    'create view loose_view as select 1 as one',
    "comment on table team is 'x'",
  ];
  for (const change of changes) {
    await pool.query(change);
    const dump = (await dumpCatalog(db)).join('\n');
    expect(seen.has(dump), change).toBe(false);
    seen.add(dump);
  }
});
