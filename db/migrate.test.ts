import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { expect, test } from 'vitest';
import { createDb, createPool } from './client.ts';
import { checkDatabase, migrateDown, migrateToLatest } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { testDatabase } from './testing.ts';

const names = Object.keys(migrations).toSorted();

test('an empty database is migrated, by several servers at once, each migration once', async () => {
  await using database = await testDatabase({ migrated: false });
  expect((await checkDatabase(database.db)).pending).toEqual(names);
  const results = await Promise.all([1, 2, 3].map(() => migrateToLatest(database.db)));
  expect(results.flat().toSorted()).toEqual(names);
  expect((await checkDatabase(database.db)).pending).toEqual([]);
});

test('an older database of ours is found and brought up to date', async () => {
  await using database = await testDatabase();
  await migrateDown(database.db);
  expect((await checkDatabase(database.db)).pending).toEqual([names.at(-1)]);
  expect(await migrateToLatest(database.db)).toEqual([names.at(-1)]);
});

test('a database with tables of something else is refused, naming them, and not touched', async () => {
  await using database = await testDatabase({ migrated: false });
  await sql`CREATE TABLE invoices (id int)`.execute(database.db);
  await sql`CREATE SCHEMA sales`.execute(database.db);
  await sql`CREATE TABLE sales.orders (id int)`.execute(database.db);
  await expect(checkDatabase(database.db)).rejects.toMatchObject({
    name: 'DatabaseError',
    code: 'foreign-tables',
    message: expect.stringContaining('invoices, sales.orders'),
  });
});

test("another program's table of our history's name does not pass for ours", async () => {
  await using database = await testDatabase({ migrated: false });
  await sql`CREATE TABLE schema_migration (version bigint)`.execute(database.db);
  await sql`CREATE TABLE invoices (id int)`.execute(database.db);
  await expect(checkDatabase(database.db)).rejects.toMatchObject({ code: 'foreign-tables' });
});

test('a database that a newer version has migrated is refused, naming what we do not know', async () => {
  await using database = await testDatabase();
  await sql`INSERT INTO schema_migration (name, timestamp) VALUES ('9999_future', now()::text)`.execute(
    database.db,
  );
  await expect(checkDatabase(database.db)).rejects.toMatchObject({
    code: 'newer-history',
    message: expect.stringContaining('9999_future'),
  });
});

test('a migration that fails is named, and leaves the database as it was', async () => {
  await using database = await testDatabase({ migrated: false });
  const broken: Record<string, Migration> = {
    '0001_fine': { up: (db) => db.schema.createTable('fine').addColumn('id', 'integer').execute() },
    '0002_broken': { up: async (db) => void (await sql`SELECT * FROM nowhere`.execute(db)) },
  };
  await expect(migrateToLatest(database.db, broken)).rejects.toMatchObject({
    code: 'migration-failed',
    message: expect.stringMatching(/0002_broken.*nowhere/),
  });
  expect((await checkDatabase(database.db, broken)).pending).toEqual(['0001_fine', '0002_broken']);
});

test('a database that cannot be reached is told with the reason, without its password', async () => {
  await using db = createDb(createPool('postgresql://someone:secret-word@127.0.0.1:1/nothing'));
  const error: unknown = await checkDatabase(db).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('ECONNREFUSED') });
  expect(String(error)).not.toContain('secret-word');
});

test('a server older than PostgreSQL 14 is refused with its version', async () => {
  await using database = await testDatabase({ migrated: false });
  const old = database.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: ({ result }) =>
      Promise.resolve({
        ...result,
        rows: result.rows.map((row) => ({ ...row, version: '13.22', number: 130_022 })),
      }),
  });
  await expect(checkDatabase(old)).rejects.toMatchObject({
    code: 'too-old',
    message: expect.stringContaining('PostgreSQL 13.22'),
  });
});
