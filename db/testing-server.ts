import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createDb, createPool } from './client.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { migrateToLatest } from './migrate.ts';

/** Name of the environment variable by which a run's processes share one server. */
export const TEST_DATABASE_URL = 'TEST_DATABASE_URL';

/**
 * Gives all tests of a run one server, with the migrated template in it: the one of `TEST_DATABASE_URL`, else an
 * embedded one, whose address is put there. For a test runner's global set-up.
 */
export async function startTestServer(): Promise<AsyncDisposable> {
  const given = process.env[TEST_DATABASE_URL];
  if (given !== undefined) {
    await ensureTemplate(given);
    return { [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const server = await startThrowawayPostgres();
  process.env[TEST_DATABASE_URL] = server.connectionString;
  await ensureTemplate(server.connectionString);
  return {
    async [Symbol.asyncDispose]() {
      delete process.env[TEST_DATABASE_URL];
      await server[Symbol.asyncDispose]();
    },
  };
}

export interface ThrowawayPostgres extends AsyncDisposable {
  readonly connectionString: string;
  readonly pid: number;
  /** Stops the server and keeps its data and port. */
  stop(): Promise<void>;
  /** Starts it again (after stopping it when it runs): same data, same port, same connection string. */
  restart(): Promise<void>;
}

/** A server on a temporary folder, which goes with it. */
export async function startThrowawayPostgres(): Promise<ThrowawayPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'processflow-test-'));
  // When we are root, PostgreSQL's account must get in; the cluster itself stays private.
  await chmod(folder, 0o755);
  const options = { dataDir: join(folder, 'postgres'), throwaway: true };
  let server: EmbeddedPostgres = await startEmbeddedPostgres(options);
  const { connectionString, port } = server;
  return {
    connectionString,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    async restart() {
      await server.stop();
      server = await startEmbeddedPostgres({ ...options, port });
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      // The data may have had to lie elsewhere, with a link to it.
      await rm(await realpath(options.dataDir), { recursive: true });
      await rm(folder, { recursive: true });
    },
  };
}

/** Makes the template database unless there is one of exactly these migrations. Returns its name. */
export async function ensureTemplate(connectionString: string): Promise<string> {
  const name = `processflow_template_${await migrationsHash()}`;
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 1) return name;
    const unfinished = `${name}_unfinished`;
    await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${unfinished} TEMPLATE template0`);
    {
      await using db = createDb(createPool(withDatabase(connectionString, unfinished)));
      await migrateToLatest(db);
    }
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
    return name;
  } finally {
    await client.end();
  }
}

/** The same server, another database. */
export function withDatabase(connectionString: string, database: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${database}`;
  return url.href;
}

/** Changes with everything that the migrated schema is made from: the migrations and the kit's SQL. */
async function migrationsHash(): Promise<string> {
  const folders = [
    fileURLToPath(new URL('./migrations', import.meta.url)),
    dirname(createRequire(import.meta.url).resolve('@processflow/events/postgres')),
  ];
  const hash = createHash('sha256');
  for (const folder of folders) {
    const files = (await readdir(folder)).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
    );
    for (const file of files.toSorted()) hash.update(file).update(await readFile(join(folder, file)));
  }
  return hash.digest('hex').slice(0, 12);
}
