import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { type TestDatabase, testDatabase } from '@processflow/db/testing';
import type { AppRouter } from '@processflow/server';
import {
  type APIRequestContext,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  expect,
  type Locator,
  type Page,
  test as base,
} from '@playwright/test';

const MAIN = fileURLToPath(new URL('../apps/server/src/main.ts', import.meta.url));
export const PASSWORD = 'processflow-demo';

/** The app as a user starts it, in a process of its own, over a database of its own. */
export interface App {
  readonly url: string;
  readonly database: TestDatabase;
  stop(): Promise<void>;
  /** Starts it again on the same port and database; `preload` is a module that makes another version of it. */
  restart(preload?: URL): Promise<void>;
}

export interface Person {
  readonly page: Page;
  /** How often the page was loaded: proof that nothing was reloaded. */
  readonly loads: () => number;
}

async function start(
  database: TestDatabase,
  port: number,
  preload?: URL,
): Promise<{ child: ChildProcess; url: string }> {
  const nodeArguments = preload === undefined ? [] : ['--import', preload.href];
  const child = spawn(process.execPath, [...nodeArguments, MAIN], {
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
    async restart(preload) {
      await stop(child);
      ({ child, url } = await start(database, Number(new URL(url).port), preload));
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

/** The same without the form, at the given address: for tests that begin after the sign-in. */
export async function enter(
  browser: Browser,
  { url }: App,
  name: string,
  path = '/',
  { shares = true, ...options }: BrowserContextOptions & { readonly shares?: boolean } = {},
): Promise<Person> {
  const context = await browser.newContext({ baseURL: url, ...options });
  if (!shares) await withoutSharing(context);
  await signInByRequest(context, name);
  const page = await context.newPage();
  await page.goto(path);
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  let loads = 0;
  page.on('load', () => (loads += 1));
  return { page, loads: () => loads };
}

/** A browser of one of the demo's people that shows nothing: to act in the background. */
export async function enterUnseen(browser: Browser, { url }: App, name: string): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: url });
  await signInByRequest(context, name);
  return context;
}

/**
 * Makes it a browser without SharedWorker, in which each page has a stream of its own: the one kind that a test can see,
 * hold back and take offline with the page.
 */
export async function withoutSharing(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => void Reflect.deleteProperty(globalThis, 'SharedWorker'));
}

/** Gives a browser a session of one of the demo's people, as a script would. */
async function signInByRequest(context: BrowserContext, name: string): Promise<void> {
  const credentials = { email: `${name}@example.com`, password: PASSWORD };
  const response = await context.request.post('/api/auth/sign-in/email', { data: credentials });
  expect(response.ok(), await response.text()).toBe(true);
}

/** What says how the page stands to the server. */
export function liveLight(page: Page): Locator {
  return page.getByRole('button', { name: /^Connection: / });
}

/** The page's next answer to a query, which may come in one response with others. */
export async function answerTo(page: Page, query: string): Promise<void> {
  const response = await page.waitForResponse((answer) => new URL(answer.url()).pathname.includes(query));
  await response.finished();
}

/** The link to one of the team's pages. */
export function place(page: Page, name: string): Locator {
  return page.getByRole('navigation').getByRole('link', { name }).filter({ visible: true });
}

type Procedures = AppRouter['_def']['record'];
type Types<Procedure> = Procedure extends {
  _def: { $types: infer T extends { input: unknown; output: unknown } };
}
  ? T
  : never;

/** Has a browser's person do something elsewhere than on its pages: the mutation itself, without a screen. */
export async function act<Feature extends keyof Procedures, Name extends keyof Procedures[Feature] & string>(
  { request }: { readonly request: APIRequestContext },
  feature: Feature,
  name: Name,
  input: Types<Procedures[Feature][Name]>['input'],
): Promise<Types<Procedures[Feature][Name]>['output']> {
  const response = await request.post(`/api/trpc/${feature}.${name}`, { data: input });
  expect(response.ok(), await response.text()).toBe(true);
  const answer = (await response.json()) as { result: { data: Types<Procedures[Feature][Name]>['output'] } };
  return answer.result.data;
}

export const test = base.extend<{ app: App }>({
  app: async ({ browser }, provide) => {
    await using app = await startApp();
    await provide(app);
    // Pages left open would go on asking, and slow the tests that follow.
    await Promise.all(browser.contexts().map(leave));
  },
});

/** What a route is about to answer, nobody waits for any more. */
async function leave(context: BrowserContext): Promise<void> {
  const routed = [context, ...context.pages()];
  await Promise.all(routed.map((one) => one.unrouteAll({ behavior: 'ignoreErrors' })));
  await context.close();
}

export { expect };
