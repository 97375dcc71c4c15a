import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import pg from 'pg';
import { createDb, createPool } from './client.ts';
import { migrateToLatest } from './migrate.ts';
import {
  ensureTemplate,
  startThrowawayPostgres,
  TEST_DATABASE_URL,
  type ThrowawayPostgres,
  withDatabase,
} from './testing-server.ts';
import type { Database } from './types.ts';

const SECOND = 1000;

export interface TestDatabase extends AsyncDisposable {
  readonly db: Kysely<Database>;
  /** The pool under `db`. */
  readonly pool: pg.Pool;
  readonly connectionString: string;
  readonly name: string;
}

export interface TestDatabaseOptions {
  /** False: without any table, for tests of migrations themselves. Default true. */
  migrated?: boolean;
}

/**
 * A database of one's own, cloned from the migrated template in some 20 ms and dropped with its scope.
 *
 * Disposing it fails when a connection is still open besides `pool`'s: dispose what uses it first, which is
 * what later `await using` declarations do.
 *
 * @example
 * await using database = await testDatabase();
 * await database.db.insertInto('team').values({ name: 'Demo' }).execute();
 */
export async function testDatabase({ migrated = true }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = process.env[TEST_DATABASE_URL];
  if (server === undefined) {
    throw new Error(
      `${TEST_DATABASE_URL} is not set: the test runner's global set-up starts a server and sets it`,
    );
  }
  const template = migrated ? await (templates[server] ??= ensureTemplate(server)) : 'template0';
  const name = `processflow_test_${randomBytes(6).toString('hex')}`;
  await asAdmin(server, (admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const connectionString = withDatabase(server, name);
  const pool = createPool(connectionString, { applicationName: 'processflow-test' });
  const db = createDb(pool);
  return {
    db,
    pool,
    connectionString,
    name,
    async [Symbol.asyncDispose]() {
      await db.destroy();
      // Kysely ends only a pool that it was asked to use.
      if (!pool.ended) await pool.end();
      await asAdmin(server, async (admin) => {
        const leaked = await awaitDisconnected(admin, name);
        await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
        if (leaked.length > 0) throw new Error(`This test left connections open:\n${leaked.join('\n')}`);
      });
    },
  };
}

export interface TestPostgres extends ThrowawayPostgres {
  /** Over `connectionString`; its connections break when the server stops and come back by themselves. */
  readonly db: Kysely<Database>;
  readonly pool: pg.Pool;
}

/** A migrated server of one's own, for tests that stop and restart it; takes about a second. */
export async function testPostgres({ migrated = true }: TestDatabaseOptions = {}): Promise<TestPostgres> {
  const server = await startThrowawayPostgres();
  const pool = createPool(server.connectionString, { applicationName: 'processflow-test' });
  const db = createDb(pool);
  if (migrated) await migrateToLatest(db);
  return {
    ...server,
    get pid() {
      return server.pid;
    },
    db,
    pool,
    async [Symbol.asyncDispose]() {
      await db.destroy();
      if (!pool.ended) await pool.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

const templates: Record<string, Promise<string>> = {};

async function asAdmin<T>(server: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** PostgreSQL notices a closed connection a moment later; what is there after two seconds is a leak. */
async function awaitDisconnected(admin: pg.Client, name: string): Promise<string[]> {
  const deadline = Date.now() + 2 * SECOND;
  for (;;) {
    const { rows } = await admin.query<{ line: string }>(
      `SELECT format('%s: %s', application_name, query) AS line FROM pg_stat_activity
       WHERE datname = $1 AND backend_type = 'client backend'`,
      [name],
    );
    if (rows.length === 0 || Date.now() > deadline) return rows.map((row) => row.line);
    await delay(10);
  }
}
