import type { ChannelDefinitions } from '@processflow/events';
import { type Difference, migrationSource } from '@processflow/events/postgres';
import type { Kysely, Transaction } from 'kysely';
import type { Migration } from 'kysely/migration';
import { expect } from 'vitest';
import { dumpCatalog } from './testing-catalog.ts';
import { loadMigration } from './testing-migration.ts';

class Undone extends Error {}

/** Whatever is done in it, nothing is left of it. */
export async function undone<DB>(
  db: Kysely<DB>,
  work: (trx: Transaction<DB>) => Promise<void>,
): Promise<void> {
  const ended = db.transaction().execute(async (trx) => {
    await work(trx);
    throw new Undone();
  });
  await expect(ended).rejects.toThrow(Undone);
}

/** Closes what can be closed; what is left are the others. */
export async function close<DB>(
  db: Kysely<DB>,
  folder: string,
  definitions: ChannelDefinitions,
  check: () => Promise<Difference[]>,
): Promise<Required<Migration>> {
  const { source, open } = migrationSource(await check(), definitions);
  expect(source).toBeDefined();
  const migration = await loadMigration(folder, source ?? '');
  await migration.up(db);
  expect(await check()).toEqual(open);
  return migration;
}

/** Closes what can be closed, and takes that back: then everything is as it was, to the letter. */
export async function closeAndReopen<DB>(
  db: Kysely<DB>,
  folder: string,
  definitions: ChannelDefinitions,
  check: () => Promise<Difference[]>,
): Promise<void> {
  const [differences, before] = [await check(), await dumpCatalog(db)];
  const migration = await close(db, folder, definitions, check);
  expect(await dumpCatalog(db)).not.toEqual(before);
  await migration.down(db);
  expect(await dumpCatalog(db)).toEqual(before);
  expect(await check()).toEqual(differences);
}
