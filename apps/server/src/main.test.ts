import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { checkDatabase, migrateDown } from '@processflow/db/migrate';
import { type TestDatabase, testDatabase } from '@processflow/db/testing';
import { beforeAll, expect, test, vi } from 'vitest';

import { buildWebIfStale } from '../../../scripts/web.ts';
import { demoSignIns } from './demo.ts';
import { startOldPostgres } from './testing-old-postgres.ts';
import { type AppProcess, type Ended, runMain, startMain } from './testing-process.ts';

const SECOND = 1000;
const AUTH_SECRET = 'a secret of no worth, for tests alone';

// On a busy machine a process takes its time, and so does a database that is made from nothing.
vi.setConfig({ testTimeout: 60 * SECOND, hookTimeout: 120 * SECOND });

beforeAll(async () => {
  const isBuilt = existsSync(new URL('../../web/dist/index.html', import.meta.url));
  if (!isBuilt && !(await buildWebIfStale())) throw new Error('The web app cannot be built; see above.');
});

/** Settings for a database of the test's own. */
function over(database: TestDatabase, more: Record<string, string> = {}): Record<string, string> {
  return { DATABASE_URL: database.connectionString, AUTH_SECRET, PORT: '0', ...more };
}

function passwordOf(connectionString: string): string {
  const { password } = new URL(connectionString);
  if (password === '') throw new Error('This test needs a database with a password');
  return password;
}

async function address(app: AppProcess): Promise<string> {
  return (await app.said(/ProcessFlow is running at (http:\/\/localhost:\d+)\n/))[1]!;
}

async function count({ pool }: TestDatabase, table: string): Promise<number> {
  return (await pool.query(`select from ${table}`)).rowCount ?? 0;
}

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.com', password: demoSignIns.password }),
  });
  expect(response.status).toBe(200);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

/** Opens the plain stream and reads until its first event. */
async function openStream(url: string, cookie: string) {
  const response = await fetch(`${url}/api/realtime`, { headers: { cookie } });
  expect(response.status).toBe(200);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('event: ')) text += (await reader.read()).value ?? '';
  return {
    /** Resolves when the server has ended it, in whatever way. */
    async cut(): Promise<void> {
      for (;;) {
        const next = await reader.read().catch(() => undefined);
        if (next === undefined || next.done) return;
      }
    },
  };
}

/** Asks it to stop, which it does in order, in time and leaving no process behind. */
async function stop(app: AppProcess, signal: NodeJS.Signals = 'SIGTERM', limit = 2 * SECOND): Promise<Ended> {
  const begin = performance.now();
  app.signal(signal);
  const ended = await app.ended();
  expect(performance.now() - begin).toBeLessThan(limit);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/\nStopping\.\n$/);
  expect(app.isAlive()).toBe(false);
  return ended;
}

/** It ended at once with the message, and with nothing else that would frighten anybody. */
function expectExplained({ code, stdout, stderr }: Ended, ...messages: string[]): void {
  const lines = stderr.trimEnd().split('\n');
  expect(lines, stderr).toHaveLength(messages.length);
  for (const [index, message] of messages.entries()) expect(lines[index]).toContain(message);
  expect(stdout).toBe('');
  expect(code).toBe(1);
}

test('it starts on an empty database, is asked things, loses its database, and stops under open streams', async () => {
  await using database = await testDatabase({ migrated: false });
  await using app = startMain(over(database, { DEMO: '1' }));
  const url = await address(app);
  const { stdout, stderr } = app.output();
  expect(stderr).toBe('');
  expect(stdout).toContain('Migrating the database: 0001_people, ');
  for (const { email } of demoSignIns.people) expect(stdout).toContain(email);
  expect(stdout).toContain(demoSignIns.password);
  const { username, host, pathname } = new URL(database.connectionString);
  expect(stdout).toContain(`Database: postgresql://${username}:***@${host}${pathname}\n`);

  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(await (await fetch(url)).text()).toContain('<div id="root">');
  const origin = 'http://evil.example';
  for (const path of ['/api/trpc/profile.me', '/api/auth/get-session', '/api/realtime']) {
    expect((await fetch(`${url}${path}`, { headers: { origin } })).status, path).toBe(403);
  }

  const cookie = await signIn(url);
  const streams = [await openStream(url, cookie), await openStream(url, cookie)];
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name in ('processflow', 'listener')`,
  );
  await app.said(/A database connection was lost/);
  expect(await (await fetch(`${url}/api/auth/get-session`, { headers: { cookie } })).json()).toMatchObject({
    user: { email: 'ada@example.com' },
  });

  const ended = await stop(app);
  await Promise.all(streams.map((stream) => stream.cut()));
  const output = ended.stdout + ended.stderr;
  expect(output).not.toContain(passwordOf(database.connectionString));
  // Node prints an error with all that hangs on it, and on this one hangs the connection with its keys.
  expect(output).not.toContain('secretKey');
  expect(output).not.toContain('Parameters');
});

test('its limits, its log and its metrics are as they are set', async () => {
  await using database = await testDatabase();
  const METRICS_TOKEN = 'another of no worth, for tests alone';
  const limits = { STREAMS_PER_VIEWER: '1', LOG_HOURS: '2', LOG_EVENTS: '5000', REPLAY_LIMIT: '50' };
  await using app = startMain(over(database, { DEMO: '1', METRICS_TOKEN, ...limits }));
  const url = await address(app);
  const cookie = await signIn(url);
  const stream = await openStream(url, cookie);
  expect((await fetch(`${url}/api/realtime`, { headers: { cookie } })).status).toBe(429);
  const read = (token: string) => fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  expect((await read(AUTH_SECRET)).status).toBe(401);
  const text = await (await read(METRICS_TOKEN)).text();
  expect(text).toContain('\nprocessflow_streams 1\n');
  expect(text).toContain('\nprocessflow_stream_refusals_total{limit="streams-per-viewer"} 1\n');
  await stop(app);
  await stream.cut();
  expect(app.output().stdout + app.output().stderr).not.toContain(METRICS_TOKEN);
});

test('DEMO=1 seeds once, and a second start leaves the data as they are', async () => {
  await using database = await testDatabase();
  const tables = ['profile', 'team', 'process_instance', 'flow_element_instance'];
  const counts: number[][] = [];
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    await using app = startMain(over(database, { DEMO: '1' }));
    await address(app);
    counts.push(await Promise.all(tables.map((table) => count(database, table))));
    expect((await stop(app, signal)).stderr).toBe('');
  }
  expect(counts[0]![0]).toBe(3);
  expect(counts[1]).toEqual(counts[0]);
});

test('DEMO=1 on a database that has people of its own tells of no sign-ins that are not there', async () => {
  await using database = await testDatabase();
  await database.pool.query(`INSERT INTO profile (name, email) VALUES ('Zed', 'zed@example.com')`);
  await using app = startMain(over(database, { DEMO: '1' }));
  await address(app);
  expect(app.output().stdout).not.toContain('ada@example.com');
});

test('an older database of ours is migrated while the port already answers; unasked it gets no demo', async () => {
  await using database = await testDatabase();
  const [latest] = await migrateDown(database.db);
  const migrating = await database.pool.connect();
  await migrating.query('begin');
  await migrating.query('lock table schema_migration in access exclusive mode');
  const port = await freePort();
  await using app = startMain(over(database, { PORT: String(port) }));
  const health = () => fetch(`http://localhost:${port}/healthz`).then(({ status }) => status);
  await vi.waitFor(async () => expect(await health()).toBe(503), { timeout: 20 * SECOND });
  await migrating.query('commit');
  migrating.release();

  await address(app);
  expect(await health()).toBe(200);
  expect(app.output().stdout).toContain(`Migrating the database: ${latest}\n`);
  expect((await checkDatabase(database.db)).pending).toEqual([]);
  expect(await count(database, 'profile')).toBe(0);
  const { stdout, stderr } = await stop(app, 'SIGHUP');
  expect(stderr).toBe('');
  expect(stdout).not.toContain('@example.com');
});

test('in development the web app comes from its sources, and other sites are kept out as well', async () => {
  await using database = await testDatabase();
  await using app = startMain(over(database), '--dev');
  const url = await address(app);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  for (const path of ['/', '/teams/1/tasks']) {
    const page = await fetch(`${url}${path}`, { headers: { accept: 'text/html' } });
    expect(await page.text(), path).toContain('/@vite/client');
  }
  const source = await fetch(`${url}/src/main.tsx`);
  expect(source.headers.get('content-type')).toContain('javascript');
  expect(await source.text()).toContain('createRoot');
  expect(await (await fetch(`${url}/api/auth/get-session`)).json()).toBeNull();
  expect((await fetch(`${url}/api/trpc/profile.me`)).headers.get('content-type')).toContain('json');

  const origin = 'http://evil.example';
  for (const path of ['/api/trpc/profile.me', '/api/auth/get-session', '/api/realtime', '/api']) {
    expect((await fetch(`${url}${path}`, { headers: { origin } })).status, path).toBe(403);
  }
  const client = await (await fetch(`${url}/@vite/client`)).text();
  const token = /wsToken = "([^"]+)"/.exec(client)?.[1];
  const hotReload = new WebSocket(`${url.replace('http', 'ws')}/?token=${token}`, 'vite-hmr');
  await once(hotReload, 'message');
  const closed = once(hotReload, 'close');
  // Vite first finishes bundling the dependencies, which on the first run takes long, and may hold up the process for
  // longer than the pump's lease lasts: PostgreSQL then ends it, the pump says so and stands again.
  const { stderr } = await stop(app, 'SIGTERM', 30 * SECOND);
  expect(stderr.replaceAll(/^The pump lost its connection .*idle-session timeout\)\n/gm, '')).toBe('');
  await closed;
});

test('the embedded database is made, gets the demo, and keeps everything between runs', async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path, PORT: '0' };
  let cookie = '';
  let connectionString = '';
  for (const run of ['first', 'second']) {
    await using app = startMain(settings);
    const url = await address(app);
    const { stdout, stderr } = app.output();
    expect(stderr).toBe('');
    expect(stdout).toContain('ada@example.com');
    expect(stdout.includes('Creating the database (once)')).toBe(run === 'first');
    const shown = (await app.said(/Database: (postgresql:\S+)\n/))[1]!;
    if (run === 'first') {
      cookie = await signIn(url);
      connectionString = shown;
    }
    // Both the session and the key it is signed with have been kept.
    const session = await fetch(`${url}/api/auth/get-session`, { headers: { cookie } });
    expect(await session.json()).toMatchObject({ user: { email: 'ada@example.com' } });
    expect(shown).toBe(connectionString);

    const stream = await openStream(url, cookie);
    const pid = Number((await readFile(postmasterFile(folder.path), 'utf8')).split('\n')[0]);
    expect((await stop(app)).stderr).toBe('');
    await stream.cut();
    expect(existsSync(postmasterFile(folder.path))).toBe(false);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  }
});

test('a port that is taken is told of, with another to try', async () => {
  await using other = await listenSomewhere();
  const { port } = other;
  // Told before anything is done to the database, which here is none.
  expectExplained(
    await runMain({
      DATABASE_URL: 'postgres://someone:hush-hush@127.0.0.1:1/x',
      AUTH_SECRET,
      PORT: `${port}`,
    }),
    `Port ${port} is taken by another program. Stop that one, or choose another: PORT=${port + 1} npm start`,
  );
});

test('a database that cannot be reached, or not with this password, is told of without the password', async () => {
  await using database = await testDatabase();
  const wrong = new URL(database.connectionString);
  wrong.password = 'hush-hush';
  for (const [url, why] of [
    ['postgres://someone:hush-hush@127.0.0.1:1/x', 'ECONNREFUSED 127.0.0.1:1'],
    [wrong.href, 'password authentication failed'],
  ] as const) {
    const ended = await runMain({ DATABASE_URL: url, AUTH_SECRET, PORT: '0' });
    expectExplained(ended, why);
    expect(ended.stderr).toContain('The database cannot be reached');
    expect(ended.stderr).not.toContain('hush-hush');
  }
});

test('a server that is too old is told of with its version', async () => {
  await using old = await startOldPostgres({ version: '13.22', number: 130_022, database: 'old' });
  expectExplained(
    await runMain({ DATABASE_URL: old.connectionString, AUTH_SECRET, PORT: '0' }),
    'The database server is PostgreSQL 13.22; this needs 14 or newer.',
  );
});

test('a database of something else is refused and not touched, even with DEMO=1', async () => {
  await using database = await testDatabase({ migrated: false });
  await database.pool.query('create table invoices (id int)');
  expectExplained(
    await runMain(over(database, { DEMO: '1' })),
    `The database "${database.name}" has tables of something else (invoices) and no history of ours.`,
  );
  const { rows } = await database.pool.query(
    `select relname from pg_class where relnamespace = 'public'::regnamespace`,
  );
  expect(rows).toEqual([{ relname: 'invoices' }]);
});

test('a database that a newer version has migrated is refused, naming what is unknown', async () => {
  await using database = await testDatabase();
  await database.pool.query(`insert into schema_migration values ('9999_future', now()::text)`);
  expectExplained(
    await runMain(over(database)),
    'by a newer version of this program (9999_future). Update this one.',
  );
});

test('wrong triggers are all told, and not served with; TRIGGER_CHECK=warn serves all the same', async () => {
  await using database = await testDatabase();
  await database.pool.query('drop trigger _900_announce_update on role');
  await database.pool.query('alter table team disable trigger _900_announce_insert');
  const refused = await runMain(over(database));
  expect(refused.code).toBe(1);
  expect(refused.stdout).not.toContain('is running');
  const told = [
    'differs from the definitions of the channels in 2 ways:',
    'role_changes: trigger _900_announce_update on public."role": missing',
    'team_changes: trigger _900_announce_insert on public."team": disabled',
    'ALTER TABLE public.team ENABLE TRIGGER _900_announce_insert;',
    'npm run db -- make-migration',
  ];
  for (const text of told) expect(refused.stderr).toContain(text);
  expect(refused.stderr).toContain('To serve all the same: TRIGGER_CHECK=warn npm start');

  await using app = startMain(over(database, { TRIGGER_CHECK: 'warn' }));
  await address(app);
  for (const text of told) expect(app.output().stderr).toContain(text);
  expect(app.output().stderr).toContain('Serving all the same, since TRIGGER_CHECK=warn');
});

test('contradictory settings are told, a line each, before anything is done', async () => {
  expectExplained(
    await runMain({ DEMO: '1', PUBLIC_URL: 'https://flow.example.com/app', PORT: '0' }),
    'PUBLIC_URL="https://flow.example.com/app" says more than scheme, host and port',
    'DEMO=1 would put accounts with a known password at PUBLIC_URL="https://flow.example.com/app"',
  );
});

test('a data folder that cannot be one is told of', async () => {
  await using folder = await temporaryFolder();
  const DATA_DIR = join(folder.path, 'file');
  await writeFile(DATA_DIR, '');
  expectExplained(
    await runMain({ DATA_DIR, PORT: '0' }),
    `DATA_DIR="${DATA_DIR}" cannot be used as a folder`,
  );
});

function postmasterFile(dataDir: string): string {
  return join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
}

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'processflow-main-'));
  // When we are root, PostgreSQL's account must get in.
  await chmod(path, 0o755);
  return {
    path,
    async [Symbol.asyncDispose]() {
      const data = join(path, 'postgres');
      // The data may have had to lie elsewhere, with a link to it.
      if (existsSync(data)) await rm(await realpath(data), { recursive: true });
      await rm(path, { recursive: true });
    },
  };
}

async function listenSomewhere() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

async function freePort(): Promise<number> {
  await using somewhere = await listenSomewhere();
  return somewhere.port;
}
