import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationResultSet, Migrator } from 'kysely/migration';
import { DatabaseError } from './error.ts';
import { migrations as ours } from './migrations/index.ts';

type Migrations = Record<string, Migration>;

const HISTORY = 'schema_migration';
const LOCK = 'schema_migration_lock';
/** What stands in every migrated database besides its own tables. */
export const HISTORY_TABLES = [HISTORY, LOCK];
const OLDEST_SERVER = 14;

export interface DatabaseState {
  /** The server's version as it says it, such as `18.4`. */
  serverVersion: string;
  /** Names of our migrations that this database has yet to see, in order. */
  pending: string[];
}

/**
 * Tells whether we can work with this database before anything is changed in it.
 *
 * Throws a `DatabaseError`: `unreachable`, `too-old` (before PostgreSQL 14), `foreign-tables` (tables, but not
 * our history), `newer-history` (migrations that we do not know).
 */
export async function checkDatabase<DB>(
  db: Kysely<DB>,
  migrations: Migrations = ours,
): Promise<DatabaseState> {
  const server = await readServer(db);
  if (server.major < OLDEST_SERVER) {
    throw new DatabaseError(
      'too-old',
      `The database server is PostgreSQL ${server.version}; this needs ${OLDEST_SERVER} or newer.`,
    );
  }
  const done = await readHistory(db);
  if (done === undefined) {
    const tables = await readTables(db);
    if (tables.length > 0) {
      throw new DatabaseError(
        'foreign-tables',
        `The database "${server.database}" has tables of something else (${shorten(tables)}) and no history of ours. ` +
          'Point DATABASE_URL at an empty database, for instance one made with: CREATE DATABASE processflow',
      );
    }
  }
  const unknown = (done ?? []).filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length > 0) {
    throw new DatabaseError(
      'newer-history',
      `The database "${server.database}" was migrated by a newer version of this program (${shorten(unknown)}). Update this one.`,
    );
  }
  return {
    serverVersion: server.version,
    pending: Object.keys(migrations)
      .filter((name) => done?.includes(name) !== true)
      .toSorted(),
  };
}

/** Applies what is pending, in one transaction; several servers may do it at once. Returns the names applied. */
export async function migrateToLatest<DB>(db: Kysely<DB>, migrations: Migrations = ours): Promise<string[]> {
  return applied(await migrator(db, migrations).migrateToLatest());
}

/** Takes the latest migration back. Returns its name in a list, or an empty one when there is none. */
export async function migrateDown<DB>(db: Kysely<DB>, migrations: Migrations = ours): Promise<string[]> {
  return applied(await migrator(db, migrations).migrateDown());
}

function migrator<DB>(db: Kysely<DB>, migrations: Migrations): Migrator {
  return new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableName: HISTORY,
    migrationLockTableName: LOCK,
  });
}

function applied({ error, results = [] }: MigrationResultSet): string[] {
  if (error === undefined) return results.map((result) => result.migrationName);
  const failed = results.find((result) => result.status === 'Error');
  const where =
    failed === undefined
      ? 'Migrating'
      : `Migration ${failed.migrationName} (${failed.direction.toLowerCase()})`;
  throw new DatabaseError(
    'migration-failed',
    `${where} failed; the database is as before: ${describe(error)}`,
    {
      cause: error,
    },
  );
}

async function readServer<DB>(db: Kysely<DB>): Promise<{ version: string; major: number; database: string }> {
  try {
    const { rows } = await sql<{ version: string; number: number; database: string }>`
      SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
             current_database() AS database`.execute(db);
    const { version, number, database } = rows[0]!;
    return { version, major: Math.floor(number / 10_000), database };
  } catch (error) {
    throw new DatabaseError(
      'unreachable',
      `The database cannot be reached: ${describe(error)}. Check DATABASE_URL and that the server runs.`,
      { cause: error },
    );
  }
}

/** Names in our history table; undefined when there is no such table, or another program's of that name. */
async function readHistory<DB>(db: Kysely<DB>): Promise<string[] | undefined> {
  const { rows } = await sql<{ columns: number }>`
    SELECT count(*) AS columns FROM pg_attribute
    WHERE attrelid = to_regclass(${HISTORY}) AND attname IN ('name', 'timestamp') AND NOT attisdropped`.execute(
    db,
  );
  if (rows[0]!.columns !== 2) return undefined;
  const history = await sql<{ name: string }>`SELECT name FROM ${sql.table(HISTORY)} ORDER BY name`.execute(
    db,
  );
  return history.rows.map((row) => row.name);
}

async function readTables<DB>(db: Kysely<DB>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg\\_%' AND c.relname NOT IN (${HISTORY}, ${LOCK})
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1`.execute(db);
  return rows.map((row) => row.name);
}

function shorten(names: string[]): string {
  return names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}

/** An AggregateError (each address of `localhost` refused) has no message of its own. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message : String(error);
}
