import type { Database } from '@processflow/db';
import type { Kysely, Transaction } from 'kysely';

const ATTEMPTS = 3;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

/**
 * Runs one command in one transaction, within the caller's when there is one already. When PostgreSQL ends it in
 * favour of another transaction it is run again: nothing of the first attempt is left.
 */
export async function transact<T>(
  db: Kysely<Database>,
  command: (trx: Transaction<Database>) => Promise<T>,
): Promise<T> {
  if (isTransaction(db)) return command(db);
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(command);
    } catch (error) {
      if (attempt === ATTEMPTS || !isGivenWay(error)) throw error;
    }
  }
}

function isTransaction(db: Kysely<Database>): db is Transaction<Database> {
  return db.isTransaction;
}

function isGivenWay(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
}
