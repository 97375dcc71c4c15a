import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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

/** The program as `start` runs it, on a database of its own. */
async function start(folder: string, connectionString: string) {
  const child: ChildProcess = spawn(
    process.execPath,
    [fileURLToPath(new URL('server.ts', import.meta.url))],
    {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: connectionString, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const gone = once(child, 'exit');
  const printed = once(createInterface(child.stdout!), 'line');
  const [line] = await Promise.race([printed, gone.then(() => ['nothing: it has ended'])]);
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
