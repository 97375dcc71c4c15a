import type { Database } from '@processflow/db';
import type { Kysely, Transaction } from 'kysely';

const ATTEMPTS = 3;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
/** What we had just read, such as a role, was removed before we could refer to it: to be read again. */
const FOREIGN_KEY_VIOLATION = '23503';
const retried: unknown[] = [SERIALIZATION_FAILURE, DEADLOCK_DETECTED, FOREIGN_KEY_VIOLATION];

/**
 * Runs one command in one transaction, within the caller's when there is one already. When another transaction
 * came in its way it is run again: nothing of the first attempt is left.
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
      if (attempt === ATTEMPTS || !isOvertaken(error)) throw error;
    }
  }
}

function isTransaction(db: Kysely<Database>): db is Transaction<Database> {
  return db.isTransaction;
}

function isOvertaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && retried.includes(error.code);
}
