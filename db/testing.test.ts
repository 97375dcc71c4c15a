import pg from 'pg';
import { expect, test } from 'vitest';
import { testDatabase, testPostgres } from './testing.ts';

test('gives each caller a migrated database of its own, and drops it with the scope', async () => {
  let name: string;
  {
    await using one = await testDatabase();
    await using two = await testDatabase();
    name = one.name;
    await one.db.insertInto('team').values({ name: 'Only here' }).execute();
    expect(await two.db.selectFrom('team').selectAll().execute()).toEqual([]);
  }
  await using other = await testDatabase({ migrated: false });
  const { rows } = await other.pool.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  expect(rows).toEqual([]);
  await expect(other.db.selectFrom('team').selectAll().execute()).rejects.toThrow('does not exist');
});

test('clones five databases at once without delay', async () => {
  await using _first = await testDatabase();
  const begin = performance.now();
  const five = await Promise.all(Array.from({ length: 5 }, () => testDatabase()));
  const took = performance.now() - begin;
  for (const database of five) await database[Symbol.asyncDispose]();
  expect(took).toBeLessThan(2000);
});

test('fails a test that leaves a connection open, naming it, and drops the database all the same', async () => {
  const database = await testDatabase();
  const client = new pg.Client({
    connectionString: database.connectionString,
    application_name: 'forgotten',
  });
  client.on('error', () => undefined);
  await client.connect();
  await expect(database[Symbol.asyncDispose]()).rejects.toThrow('forgotten');
  await client.end();
});

test('gives a server that can stop and come back with its data, for tests of interruptions', async () => {
  await using postgres = await testPostgres();
  await postgres.db.insertInto('team').values({ name: 'Kept' }).execute();
  await postgres.stop();
  await expect(postgres.db.selectFrom('team').selectAll().execute()).rejects.toThrow();
  await postgres.restart();
  expect(await postgres.db.selectFrom('team').select('name').execute()).toEqual([{ name: 'Kept' }]);
});
