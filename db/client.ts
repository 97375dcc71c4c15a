import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './types.ts';

const SECOND = 1000;

export interface PoolOptions {
  /** Most connections at once; default 10. */
  max?: number;
  /** Shown in pg_stat_activity; default `processflow`. */
  applicationName?: string;
  /** Told when a connection that nobody uses is lost. */
  onIdleError?: (error: Error) => void;
}

/**
 * Connections for queries; LISTEN needs a connection of its own.
 *
 * `bigint` is read as a number: the only ones we read are counts and sequence numbers, far below 2^53, and a
 * larger one throws instead of being rounded.
 */
export function createPool(connectionString: string, options: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'processflow',
    connectionTimeoutMillis: 10 * SECOND,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  });
  // A pool without this handler ends the process when PostgreSQL restarts. Nothing is lost with an idle
  // connection: the next query gets a new one, or fails with the reason.
  pool.on('error', (error) => {
    // `end` does not wait until its connections are closed, and a server that stops right then breaks them.
    if (!pool.ending) options.onIdleError?.(error);
  });
  return pool;
}

/** Typed queries over the pool; disposing it ends the pool. */
export function createDb(pool: pg.Pool): Kysely<Database> {
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

const parserOf: typeof pg.types.getTypeParser = (oid, format): unknown =>
  oid === pg.types.builtins.INT8 && format !== 'binary' ? parseBigint : pg.types.getTypeParser(oid, format);

function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`bigint ${text} does not fit a number; cast it to text in the query`);
  return value;
}
