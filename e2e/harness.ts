import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { type TestDatabase, testDatabase } from '@processflow/db/testing';
import { type Browser, type BrowserContextOptions, expect, type Page, test as base } from '@playwright/test';

const MAIN = fileURLToPath(new URL('../apps/server/src/main.ts', import.meta.url));
const PASSWORD = 'processflow-demo';

/** The app as a user starts it, in a process of its own, over a database of its own. */
export interface App {
  readonly url: string;
  readonly database: TestDatabase;
  stop(): Promise<void>;
  /** Starts it again on the same port and database. */
  restart(): Promise<void>;
}

export interface Person {
  readonly page: Page;
  /** How often the page was loaded: proof that nothing was reloaded. */
  readonly loads: () => number;
}

async function start(database: TestDatabase, port: number): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      DATABASE_URL: database.connectionString,
      AUTH_SECRET: 'a secret of no worth, for browser tests',
      PORT: String(port),
      DEMO: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const address = /running at (\S+)/.exec(output)?.[1];
      if (address !== undefined) resolve(address);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(`The app did not start:\n${output}`)));
  });
  return { child, url };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export async function startApp(): Promise<App & AsyncDisposable> {
  const database = await testDatabase();
  let { child, url } = await start(database, 0);
  return {
    url,
    database,
    stop: () => stop(child),
    async restart() {
      await stop(child);
      ({ child, url } = await start(database, Number(new URL(url).port)));
    },
    async [Symbol.asyncDispose]() {
      await stop(child);
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Opens a browser of their own for one of the demo's people, and signs them in by the form. */
export async function signIn(
  browser: Browser,
  { url }: App,
  name: string,
  options: BrowserContextOptions = {},
): Promise<Person> {
  const context = await browser.newContext({ baseURL: url, ...options });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(`${name}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: 'Connection: Live' })).toBeVisible();
  let loads = 0;
  page.on('load', () => (loads += 1));
  return { page, loads: () => loads };
}

export const test = base.extend<{ app: App }>({
  // Playwright reads from the parameter which fixtures are needed.
  // oxlint-disable-next-line no-empty-pattern
  app: async ({}, use) => {
    await using app = await startApp();
    await use(app);
  },
});

export { expect };
