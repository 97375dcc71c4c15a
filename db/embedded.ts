import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findAccount, findPrograms } from './embedded/binaries.ts';
import { type Home, openHome } from './embedded/home.ts';
import { takeLock } from './embedded/lock.ts';
import { cleanEnvironment, startPostmaster, stopOrphan } from './embedded/postmaster.ts';
import { DatabaseError } from './error.ts';

export interface EmbeddedPostgresOptions {
  /** Folder for everything the server keeps; made when missing, kept afterwards. */
  dataDir: string;
  /** Exactly this port; default: the one of the last run when it is free, else any free one. */
  port?: number;
  /** For data that may be lost: no fsync, so commits cost nothing. Default false. */
  throwaway?: boolean;
  /** Told in a sentence what takes long. */
  log?: (message: string) => void;
}

export interface EmbeddedPostgres extends AsyncDisposable {
  /** Superuser's connection to the database `processflow`, on 127.0.0.1, password included. */
  readonly connectionString: string;
  readonly port: number;
  /** The postmaster's process id. */
  readonly pid: number;
  /** Shuts down in order (open transactions are rolled back) and gives the data folder free. */
  stop(): Promise<void>;
}

const NAME = 'processflow';
const MAJOR = '18';
const LEFTOVERS_TIMEOUT = 10_000;

/**
 * Starts a real PostgreSQL 18 on `dataDir`, recovering whatever a killed process left there.
 *
 * The server ends with the returned handle, and also when this process dies. Throws a `DatabaseError`:
 * `already-running` when another process has this folder open, `cannot-start` with the end of the log, ...
 *
 * @example
 * await using postgres = await startEmbeddedPostgres({ dataDir: '.data/postgres' });
 * const pool = createPool(postgres.connectionString);
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  mkdirSync(dirname(dataDir), { recursive: true });
  const lock = takeLock(`${dataDir}.lock`);
  if ('heldBy' in lock) {
    throw new DatabaseError(
      'already-running',
      `The database in ${dataDir} is in use by ${lock.heldBy}: it runs already. Stop that one first, or use it.`,
    );
  }
  try {
    const home = openHome(dataDir, findAccount());
    const programs = findPrograms(home.account);
    await stopOrphan(programs, home.cluster);
    if (!existsSync(home.cluster)) createCluster(programs, home, options);
    checkVersion(home.cluster);
    const { postmaster, port } = await startOnFreePort(programs, home, options);
    let stopping: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopping ??= postmaster.stop().finally(lock.release));
    try {
      await createDatabase(port, home.password);
    } catch (error) {
      await stop();
      throw error;
    }
    return {
      connectionString: connectionString(port, home.password, NAME),
      port,
      pid: postmaster.pid,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Where the server that another process runs on `dataDir` is; undefined when none ever ran there. */
export function embeddedConnectionString(dataDir: string): string | undefined {
  const [port, password] = [join(dataDir, 'port'), join(dataDir, 'password')];
  if (!existsSync(port) || !existsSync(password)) return undefined;
  return connectionString(Number(readFileSync(port, 'utf8')), readFileSync(password, 'utf8').trim(), NAME);
}

function createCluster(programs: string, home: Home, options: EmbeddedPostgresOptions): void {
  options.log?.('Creating the database (once) ...');
  // Made aside and renamed when complete: an interrupted initdb must not look like a database.
  const staging = `${home.cluster}.new`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { mode: 0o700 });
  if (home.account !== undefined) chownSync(staging, home.account.uid, home.account.gid);
  const args = [
    `--pgdata=${staging}`,
    `--username=${NAME}`,
    `--pwfile=${home.passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same order of texts on every system, whatever locales it has.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(options.throwaway === true ? ['--no-sync'] : []),
  ];
  const { status, stdout, stderr, error } = spawnSync(join(programs, 'initdb'), args, {
    ...home.account,
    cwd: '/',
    env: cleanEnvironment(),
    encoding: 'utf8',
  });
  if (status === 0) {
    renameSync(staging, home.cluster);
    return;
  }
  rmSync(staging, { recursive: true, force: true });
  throw new DatabaseError('cannot-start', `initdb failed in ${staging}:\n${stdout}${stderr}`, {
    cause: error,
  });
}

function checkVersion(cluster: string): void {
  const version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (version === MAJOR) return;
  throw new DatabaseError(
    'data-not-usable',
    `The data in ${cluster} was made by PostgreSQL ${version}, this is ${MAJOR}. Move the folder away to begin anew.`,
  );
}

async function startOnFreePort(programs: string, home: Home, options: EmbeddedPostgresOptions) {
  const giveUpAt = Date.now() + LEFTOVERS_TIMEOUT;
  for (;;) {
    const port = options.port ?? (await choosePort(home.portFile));
    try {
      const postmaster = await startPostmaster(programs, home, settings(port, options.throwaway === true));
      writeFileSync(home.portFile, String(port));
      return { postmaster, port };
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      // Between our look and PostgreSQL's bind somebody else may take the port.
      const portLost = message.includes('could not bind');
      if (portLost && options.port !== undefined) {
        throw new DatabaseError('cannot-start', `Port ${port} is taken; PostgreSQL cannot listen there.`, {
          cause: error,
        });
      }
      // A killed postmaster's children end by themselves, a moment after it.
      const leftovers = message.includes('is still in use');
      if (Date.now() > giveUpAt || !(portLost || leftovers)) throw error;
      await delay(100);
    }
  }
}

function settings(port: number, throwaway: boolean): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    jit: 'off',
    ...(throwaway && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }),
  };
}

async function choosePort(portFile: string): Promise<number> {
  const last = existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0;
  return (await tryPort(last)) ?? (await tryPort(0)) ?? 0;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

function connectionString(port: number, password: string, database: string): string {
  return `postgresql://${NAME}:${password}@127.0.0.1:${port}/${database}`;
}

async function createDatabase(port: number, password: string): Promise<void> {
  const client = new pg.Client(connectionString(port, password, 'postgres'));
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [NAME]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${NAME}`);
  } finally {
    await client.end();
  }
}
