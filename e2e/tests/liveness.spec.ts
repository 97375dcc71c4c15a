import type { Page, Request } from '@playwright/test';

import {
  answerTo,
  type App,
  enter,
  enterUnseen,
  expect,
  liveLight,
  place,
  test,
  withoutSharing,
} from '../harness.ts';
import { openTask, profileId, teamId } from '../records.ts';

const STREAM = '**/api/trpc/realtime.changes*';
const TASKS = /\/api\/trpc\/[^?]*task\.list/;

const isStream = (request: Request): boolean => request.url().includes('/api/trpc/realtime.changes');

/** What another program does: it knows nothing of the app. */
async function claimFor(app: App, name: string, taskId: number): Promise<void> {
  await app.database.db
    .updateTable('flow_element_instance')
    .set({ claimed_by: await profileId(app, name), claimed_at: new Date() })
    .where('id', '=', taskId)
    .execute();
}

const row = (page: Page, name: string) =>
  page.getByRole('list', { name: 'Tasks' }).getByRole('link', { name: new RegExp(name) });

/** Collects what the light says from now on. */
async function followLight(page: Page): Promise<() => Promise<string[]>> {
  const said = await liveLight(page).evaluateHandle((light) => {
    const names: string[] = [];
    const note = (): unknown => names.push(light.getAttribute('aria-label') ?? '');
    new MutationObserver(note).observe(light, { attributeFilter: ['aria-label'] });
    return names;
  });
  return () => said.jsonValue();
}

test('no hole between reading and listening: what is written meanwhile is on screen before it says Live', async ({
  app,
  browser,
}) => {
  const task = await openTask(app, 'Record the invoice');
  const context = await enterUnseen(browser, app, 'bo');
  await withoutSharing(context);
  const page = await context.newPage();
  const listening = Promise.withResolvers<void>();
  await page.route(STREAM, async (route) => {
    await listening.promise;
    await route.continue();
  });
  await page.goto(task.path.replace(/\/\d+$/, ''));
  await expect(row(page, 'Record the invoice')).toBeVisible();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Connecting');

  await claimFor(app, 'ada', task.id);
  const again = Promise.withResolvers<void>();
  await page.route(TASKS, async (route) => {
    await again.promise;
    await route.continue();
  });
  listening.resolve();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Catching up');
  await expect(row(page, 'Record the invoice').getByText('taken by Ada')).toBeHidden();
  again.resolve();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  await expect(row(page, 'Record the invoice').getByText('taken by Ada')).toBeVisible();
});

test('a server that restarts: the light tells, and what changed meanwhile appears without a reload', async ({
  app,
  browser,
}) => {
  const task = await openTask(app, 'Record the invoice');
  const { page, loads } = await enter(browser, app, 'bo', task.path);
  await expect(page.getByRole('heading', { name: 'Record the invoice' })).toBeVisible();
  const said = await followLight(page);

  await app.stop();
  await expect(liveLight(page)).toHaveAccessibleName(/Connection: (Reconnecting|Offline)/);
  await claimFor(app, 'ada', task.id);
  await app.restart();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live', { timeout: 20_000 });
  await expect(row(page, 'Record the invoice').getByText('taken by Ada')).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'Ada took this' })).toBeVisible();
  expect(await said()).toContain('Connection: Reconnecting');
  expect(loads()).toBe(0);
});

test('offline: says since when, keeps what is known, and catches up when it is back', async ({
  app,
  browser,
}) => {
  const task = await openTask(app, 'Record the invoice');
  const { page, loads } = await enter(browser, app, 'bo', task.path, { shares: false });
  await expect(page.getByRole('heading', { name: 'Record the invoice' })).toBeVisible();

  await page.context().setOffline(true);
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Offline');
  await liveLight(page).click();
  await expect(page.getByText('This device is offline.', { exact: true })).toBeVisible();
  await expect(page.getByText(/^for \d+ s$/)).toBeVisible();
  await claimFor(app, 'ada', task.id);
  await expect(row(page, 'Pay the invoice')).toBeVisible();
  await expect(page.getByLabel('Supplier')).toBeEditable();

  await page.context().setOffline(false);
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  await expect(row(page, 'Record the invoice').getByText('taken by Ada')).toBeVisible();
  expect(loads()).toBe(0);
});

test('a database that drops the listener loses no change', async ({ app, browser }) => {
  const task = await openTask(app, 'Record the invoice');
  const { page, loads } = await enter(browser, app, 'bo', task.path);
  const { rowCount } = await app.database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND query ~* '^listen'`,
  );
  expect(rowCount).toBeGreaterThan(0);
  await claimFor(app, 'ada', task.id);
  await expect(row(page, 'Record the invoice').getByText('taken by Ada')).toBeVisible();
  expect(loads()).toBe(0);
});

test('one stream a page, whatever is shown; leaving closes it', async ({ app, browser }) => {
  const context = await enterUnseen(browser, app, 'ada');
  await withoutSharing(context);
  const page = await context.newPage();
  const open = new Set<Request>();
  let opened = 0;
  page.on('request', (request) => {
    if (!isStream(request)) return;
    open.add(request);
    opened += 1;
  });
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
  await page.goto(`/teams/${await teamId(app)}/tasks`);
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  for (const name of ['Instances', 'Models', 'Team', 'Tasks']) {
    await place(page, name).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name === 'Team' ? 'Demo' : name);
  }
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  expect([open.size, opened]).toEqual([1, 1]);

  await page.getByRole('button', { name: 'Account menu' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect.poll(() => open.size).toBe(0);
  expect(opened).toBe(1);
});

test('a page that is left takes its stream along', async ({ app, browser }) => {
  const context = await enterUnseen(browser, app, 'ada');
  await withoutSharing(context);
  const page = await context.newPage();
  const closed = page.waitForEvent('requestfailed', isStream);
  await page.goto('/');
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  await page.goto('about:blank');
  await closed;
});

test('a hidden tab asks for nothing; it is true again when it is seen', async ({ app, browser }) => {
  const task = await openTask(app, 'Record the invoice');
  const { page } = await enter(browser, app, 'bo', task.path.replace(/\/\d+$/, ''));
  const lastQuery = answerTo(page, 'member.list');
  await page.reload();
  await lastQuery;
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  await expect(row(page, 'Record the invoice')).toBeVisible();
  const asked: string[] = [];
  // The other pages' code is fetched ahead whenever the browser has time.
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.startsWith('/api/')) asked.push(request.url());
  });

  await showTab(page, 'hidden');
  await claimFor(app, 'ada', task.id);
  // The light knows of the event, so it was heard.
  await liveLight(page).click();
  await expect(page.getByText('Last change')).toBeVisible();
  expect(asked).toEqual([]);
  await expect(row(page, 'Record the invoice').getByText('taken by Ada')).toBeHidden();

  await showTab(page, 'visible');
  await expect(row(page, 'Record the invoice').getByText('taken by Ada')).toBeVisible();
  expect(asked.filter((url) => TASKS.test(url))).toHaveLength(1);
});

/** Chromium without a window never hides a tab, so the page is told so. */
async function showTab(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((visibilityState) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: visibilityState });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}
