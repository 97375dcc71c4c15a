import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { startEmbeddedPostgres } from './embedded.ts';
import { DatabaseError } from './error.ts';

// Each test makes a database from nothing, which takes seconds on a busy disk.
vi.setConfig({ testTimeout: 60_000 });

/** Where the test is not about durability. */
const throwaway = true;
const asRoot = process.getuid?.() === 0;

async function temporaryFolder(mode = 0o755): Promise<AsyncDisposable & { path: string; dataDir: string }> {
  const path = await mkdtemp(join(tmpdir(), 'processflow-embedded-'));
  await chmod(path, mode);
  const dataDir = join(path, 'postgres');
  return {
    path,
    dataDir,
    async [Symbol.asyncDispose]() {
      await rm(await realpath(dataDir), { recursive: true });
      await rm(path, { recursive: true });
    },
  };
}

/** Another process that starts the server and then only waits, so that it can be killed. */
async function startElsewhere(
  dataDir: string,
): Promise<{ child: ChildProcess; pid: number; connectionString: string }> {
  const program = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)};
    const { pid, connectionString } = await startEmbeddedPostgres({ dataDir: process.argv[1] });
    console.log(JSON.stringify({ pid, connectionString }));
    setInterval(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const said: { pid: number; connectionString: string } = JSON.parse(line);
  return { child, ...said };
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function query(connectionString: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  // Tests kill the server under open connections.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** A dead process that its parent has not asked about yet (Z) still has a number: that is not alive. */
function isAlive(pid: number): boolean {
  if (existsSync('/proc/self/stat')) {
    const path = `/proc/${pid}/stat`;
    return existsSync(path) && !/\) Z /.test(readFileSync(path, 'utf8'));
  }
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

test('keeps data, port and password between runs, and listens on 127.0.0.1 only', async () => {
  await using folder = await temporaryFolder();
  let first: string;
  {
    await using postgres = await startEmbeddedPostgres({ dataDir: folder.dataDir });
    first = postgres.connectionString;
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    expect(await query(first, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(first, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
    expect(await query(first, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    expect(await query(first, 'SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
  }
  await using postgres = await startEmbeddedPostgres({ dataDir: folder.dataDir });
  expect(postgres.connectionString).toBe(first);
  expect(await query(first, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  expect((await stat(join(folder.dataDir, 'password'))).mode & 0o777).toBe(0o600);
  const withoutPassword = first.replace(/:[^:@]+@/, ':wrong@');
  await expect(query(withoutPassword, 'SELECT 1')).rejects.toThrow('password authentication failed');
});

test('refuses a second start on the same data by name, and leaves the first alone', async () => {
  await using folder = await temporaryFolder();
  await using postgres = await startEmbeddedPostgres({ throwaway, dataDir: folder.dataDir });
  const second = await startEmbeddedPostgres({ throwaway, dataDir: folder.dataDir }).catch(
    (error: unknown) => error,
  );
  expect(second).toBeInstanceOf(DatabaseError);
  expect(second).toMatchObject({
    code: 'already-running',
    message: expect.stringContaining(String(process.pid)),
  });
  expect(await query(postgres.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('two first starts at the same moment make one database', async () => {
  await using folder = await temporaryFolder();
  const results = await Promise.allSettled([
    startEmbeddedPostgres({ throwaway, dataDir: folder.dataDir }),
    startEmbeddedPostgres({ throwaway, dataDir: folder.dataDir }),
  ]);
  expect(results.map((result) => result.status).toSorted()).toEqual(['fulfilled', 'rejected']);
  for (const result of results) if (result.status === 'fulfilled') await result.value.stop();
});

test('when its process is killed the server ends with it, and the next start has the committed data', async () => {
  await using folder = await temporaryFolder();
  const killed = await startElsewhere(folder.dataDir);
  await query(killed.connectionString, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await kill(killed.child);
  await vi.waitFor(() => expect(isAlive(killed.pid)).toBe(false), 10_000);
  await using postgres = await startEmbeddedPostgres({ dataDir: folder.dataDir });
  expect(await query(postgres.connectionString, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('a server that outlived its process is stopped before the new one starts', async () => {
  await using folder = await temporaryFolder();
  const killed = await startElsewhere(folder.dataDir);
  await query(killed.connectionString, 'CREATE TABLE kept AS SELECT 42 AS answer');
  // A stopped server cannot follow the watcher's signal, as one that hangs would not.
  process.kill(killed.pid, 'SIGSTOP');
  await kill(killed.child);
  const starting = startEmbeddedPostgres({ dataDir: folder.dataDir });
  expect(isAlive(killed.pid)).toBe(true);
  process.kill(killed.pid, 'SIGCONT');
  await using postgres = await starting;
  expect(isAlive(killed.pid)).toBe(false);
  expect(postgres.pid).not.toBe(killed.pid);
  expect(await query(postgres.connectionString, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('recovers when everything was killed at once, also when the number of the dead server is in use', async () => {
  await using folder = await temporaryFolder();
  const killed = await startElsewhere(folder.dataDir);
  await query(killed.connectionString, 'CREATE TABLE kept AS SELECT 42 AS answer');
  process.kill(killed.pid, 'SIGKILL');
  await kill(killed.child);
  await vi.waitFor(() => expect(isAlive(killed.pid)).toBe(false));
  const pidFile = join(folder.dataDir, 'cluster', 'postmaster.pid');
  const stale = await readFile(pidFile, 'utf8');
  await writeFile(pidFile, stale.replace(/^\d+/, String(process.pid)));
  await using postgres = await startEmbeddedPostgres({ dataDir: folder.dataDir });
  expect(await query(postgres.connectionString, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('an interrupted first start leaves nothing that passes for a database', async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.dataDir, 'cluster.new'), { recursive: true });
  await writeFile(join(folder.dataDir, 'cluster.new', 'PG_VERSION'), '18\n');
  await using postgres = await startEmbeddedPostgres({ throwaway, dataDir: folder.dataDir });
  expect(await query(postgres.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a port of the last run that is taken is replaced; a port asked for is insisted on', async () => {
  await using folder = await temporaryFolder();
  await using other = await temporaryFolder();
  await using postgres = await startEmbeddedPostgres({ throwaway, dataDir: folder.dataDir });
  await mkdir(other.dataDir);
  await writeFile(join(other.dataDir, 'port'), String(postgres.port));
  {
    await using elsewhere = await startEmbeddedPostgres({ throwaway, dataDir: other.dataDir });
    expect(elsewhere.port).not.toBe(postgres.port);
  }
  await expect(
    startEmbeddedPostgres({ throwaway, dataDir: other.dataDir, port: postgres.port }),
  ).rejects.toMatchObject({
    code: 'cannot-start',
    message: expect.stringContaining(`Port ${postgres.port} is taken`),
  });
});

test('data of another major version is refused with what to do', async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.dataDir, 'cluster'), { recursive: true });
  await writeFile(join(folder.dataDir, 'cluster', 'PG_VERSION'), '17\n');
  await expect(startEmbeddedPostgres({ dataDir: folder.dataDir })).rejects.toMatchObject({
    code: 'data-not-usable',
    message: expect.stringContaining('PostgreSQL 17'),
  });
});

test('as root below a private folder the data lies elsewhere, with a link to it', async ({ skip }) => {
  skip(!asRoot, 'needs root');
  await using folder = await temporaryFolder(0o700);
  {
    await using postgres = await startEmbeddedPostgres({ throwaway, dataDir: folder.dataDir });
    await query(postgres.connectionString, 'CREATE TABLE kept AS SELECT 42 AS answer');
  }
  expect((await lstat(folder.dataDir)).isSymbolicLink()).toBe(true);
  await using postgres = await startEmbeddedPostgres({ throwaway, dataDir: folder.dataDir });
  expect(await query(postgres.connectionString, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
});
