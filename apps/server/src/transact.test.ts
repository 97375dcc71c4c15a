import { testDatabase } from '@processflow/db/testing';
import type { Kysely } from 'kysely';
import type { Database } from '@processflow/db';
import { expect, test } from 'vitest';

import { transact } from './transact.ts';

test('of two transactions that block each other, both are done in the end', async () => {
  await using database = await testDatabase();
  const { db } = database;
  const [one, two] = await db
    .insertInto('team')
    .values([{ name: 'One' }, { name: 'Two' }])
    .returning('id')
    .execute();
  const both = Promise.withResolvers<void>();
  let arrived = 0;
  let attempts = 0;
  const rename = (name: string, first: number, second: number) =>
    transact(db, async (trx) => {
      attempts++;
      await set(trx, first, name);
      if (++arrived === 2) both.resolve();
      await both.promise;
      await set(trx, second, name);
    });
  await Promise.all([rename('left', one!.id, two!.id), rename('right', two!.id, one!.id)]);
  expect(attempts).toBe(3);
  const names = await db.selectFrom('team').select('name').distinct().execute();
  expect(names).toHaveLength(1);
});

test('within a transaction it is part of that one', async () => {
  await using database = await testDatabase();
  const { db } = database;
  const outer = db.transaction().execute(async (trx) => {
    await transact(trx, (inner) => inner.insertInto('team').values({ name: 'One' }).execute());
    throw new Error('never mind');
  });
  await expect(outer).rejects.toThrow('never mind');
  expect(await db.selectFrom('team').selectAll().execute()).toEqual([]);
});

test('another failure is told at once', async () => {
  await using database = await testDatabase();
  let attempts = 0;
  const failing = transact(database.db, () => {
    attempts++;
    return Promise.reject(new Error('broken'));
  });
  await expect(failing).rejects.toThrow('broken');
  expect(attempts).toBe(1);
});

async function set(db: Kysely<Database>, id: number, name: string): Promise<void> {
  await db.updateTable('team').set({ name }).where('id', '=', id).execute();
}
