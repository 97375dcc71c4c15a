import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { testDatabase } from '@processflow/db/testing';
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
} from '@trpc/client';
import { EventSource } from 'eventsource';
import pg from 'pg';
import { build } from 'vite';
import { expect, test, vi } from 'vitest';

import type { AppEvent, AppRouter } from './server.ts';

/** A folder that goes again, with the page in its `dist`. */
async function builtPage() {
  const folder = await mkdtemp(join(tmpdir(), 'example-'));
  const root = fileURLToPath(new URL('..', import.meta.url));
  await build({ root, configFile: false, logLevel: 'error', build: { outDir: join(folder, 'dist') } });
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const program = fileURLToPath(new URL('server.ts', import.meta.url));

/** The program as `start` runs it, on this database or one of its own. */
async function start(folder: string, connectionString?: string) {
  const child: ChildProcess = spawn(process.execPath, [program], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: connectionString, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const output = createInterface(child.stdout!);
  const lines: string[] = [];
  output.on('line', (line) => lines.push(line));
  const [line] = await Promise.race([once(output, 'line'), gone.then(() => ['nothing: it has ended'])]);
  const address = /http:\S+/.exec(line as string)?.[0];
  if (address === undefined) throw new Error(`The program said ${line as string}`);
  const url = `${address}/trpc`;
  const client = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({ url, EventSource }),
        false: httpBatchLink({ url }),
      }),
    ],
  });
  return {
    address,
    client,
    lines,
    async [Symbol.asyncDispose]() {
      child.kill();
      await gone;
    },
  };
}

/** Listens as the page does; what was heard, from the first frame on. */
async function listen(client: TRPCClient<AppRouter>) {
  const heard: (AppEvent | { channel: 'position' | 'resync' })[] = [];
  const subscription = client.changes.subscribe({}, { onData: ({ data }) => heard.push(data) });
  await vi.waitFor(() => expect(heard).toMatchObject([{ channel: 'position' }]), { timeout: 5000 });
  return { heard, [Symbol.dispose]: () => subscription.unsubscribe() };
}

test('what any client of the database writes reaches the page, and starting again changes nothing', async () => {
  await using database = await testDatabase({ migrated: false });
  const { pool, connectionString } = database;
  await using page = await builtPage();
  {
    await using app = await start(page.folder, connectionString);
    using stream = await listen(app.client);
    await pool.query(`INSERT INTO item (list, name) VALUES ('shopping', 'Milk'), ('packing', 'Tent')`);
    await app.client.add.mutate('  Bread ');
    await vi.waitFor(() => expect(stream.heard).toHaveLength(3), { timeout: 5000 });
    expect(stream.heard.slice(1)).toMatchObject([
      { channel: 'item_changes', operation: 'INSERT', id: 1, list: 'shopping' },
      { channel: 'item_changes', operation: 'INSERT', id: 3, list: 'shopping' },
    ]);
    expect(await (await fetch(app.address)).text()).toContain('<title>Shopping list</title>');
    await expect(app.client.add.mutate(' ')).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } });
  }
  await using again = await start(page.folder, connectionString);
  expect(await again.client.items.query()).toEqual([
    { id: 1, list: 'shopping', name: 'Milk' },
    { id: 3, list: 'shopping', name: 'Bread' },
  ]);
});

test('on a database of its own it says where that is, and what psql writes there is live', async () => {
  await using page = await builtPage();
  // PostgreSQL does not run as root, and has to reach its data.
  await chmod(page.folder, 0o755);
  {
    await using app = await start(page.folder);
    using stream = await listen(app.client);
    await vi.waitFor(() => expect(app.lines).toHaveLength(2), { timeout: 5000 });
    const connectionString = /^Its database, for psql: (postgres\S+)$/.exec(app.lines[1]!)?.[1];
    const psql = new pg.Client({ connectionString });
    await psql.connect();
    await psql.query(`INSERT INTO item (list, name) VALUES ('shopping', 'Milk')`);
    await psql.end();
    await vi.waitFor(() => expect(stream.heard).toHaveLength(2), { timeout: 5000 });
    expect(stream.heard[1]).toMatchObject({ channel: 'item_changes', operation: 'INSERT', list: 'shopping' });
  }
  // It ends by itself once the program has gone.
  const running = join(page.folder, '.data/postgres/cluster/postmaster.pid');
  await vi.waitFor(() => expect(existsSync(running)).toBe(false), { timeout: 5000 });
});

test('a port that is taken is one line, not a stack, and a given database is not told', async () => {
  await using database = await testDatabase({ migrated: false });
  await using page = await builtPage();
  await using app = await start(page.folder, database.connectionString);
  const second = spawn(process.execPath, [program], {
    cwd: page.folder,
    env: {
      ...process.env,
      DATABASE_URL: database.connectionString,
      PORT: new URL(app.address).port,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')]);
  expect(said).toMatch(/^[^\n]*EADDRINUSE[^\n]*Set PORT to another one\.\n$/);
  expect(code).toBe(1);
  expect(app.lines).toEqual([`The shopping list is at ${app.address}`]);
});

test('the page names its icon, so that no browser asks in vain for one', async () => {
  const html = await readFile(new URL('../index.html', import.meta.url), 'utf8');
  expect(html).toMatch(/<link rel="icon" href="data:,"/);
});
