import type { BrowserContext, Page } from '@playwright/test';

import { enterUnseen, expect, liveLight, PASSWORD, test, withoutSharing } from '../harness.ts';
import { profileId, teamId } from '../records.ts';
import { streamProxy } from '../stream-proxy.ts';

/** Two cores, and a browser with two pages. */
const IN_TIME = { timeout: 20_000 };

const account = (page: Page) => page.getByRole('button', { name: /^Account/ });
const isLive = (page: Page) => expect(liveLight(page)).toHaveAccessibleName('Connection: Live', IN_TIME);

async function openTab(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(path);
  await isLive(page);
  return page;
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Email').fill(`${name}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('two people in one browser never share: who signs in takes every tab along, and the first one’s stream ends', async ({
  app,
  browser,
}) => {
  const [ada, cleo] = await Promise.all([profileId(app, 'ada'), profileId(app, 'cleo')]);
  await using proxy = await streamProxy(app);
  await using context = await enterUnseen(browser, { ...app, url: proxy.url }, 'ada');
  const pages = [await openTab(context, '/'), await openTab(context, '/')] as const;
  expect(proxy.streams.map((url) => url.includes(ada))).toEqual([true]);
  await Promise.all(pages.map((page) => expect(page.getByText('Demo').first()).toBeVisible(IN_TIME)));

  // A third tab signs in as somebody else, without signing out before: the first session goes on at the server.
  const third = await context.newPage();
  const response = await third.request.post('/api/auth/sign-in/email', {
    data: { email: 'cleo@example.com', password: PASSWORD },
  });
  expect(response.ok()).toBe(true);
  await third.goto('/');
  await isLive(third);
  // Neither is told by the other tab: the stream's own end is.
  proxy.cut();
  await Promise.all(pages.map(isLive));
  await expect.poll(() => proxy.streams.map((url) => url.includes(cleo)), IN_TIME).toEqual([true]);
  await Promise.all(pages.map((page) => expect(page.getByText('Demo')).toBeHidden(IN_TIME)));
});

test('signing out in one tab closes the stream and empties every tab; signing in opens one again', async ({
  app,
  browser,
}) => {
  const bo = await profileId(app, 'bo');
  await using proxy = await streamProxy(app);
  await using context = await enterUnseen(browser, { ...app, url: proxy.url }, 'ada');
  const pages = [await openTab(context, '/'), await openTab(context, '/')] as const;
  const [first, second] = pages;
  await account(first).click();
  await first.getByRole('menuitem', { name: 'Sign out' }).click();
  await Promise.all(
    pages.map((page) => expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible(IN_TIME)),
  );
  await expect.poll(() => proxy.streams, IN_TIME).toEqual([]);
  await Promise.all(pages.map((page) => expect(page.getByText('Demo')).toBeHidden(IN_TIME)));

  await signIn(second, 'bo');
  await Promise.all(pages.map(isLive));
  expect(proxy.streams.map((url) => url.includes(bo))).toEqual([true]);
});

test('a session that ends is told in every tab', async ({ app, browser }) => {
  await using context = await enterUnseen(browser, app, 'bo');
  const pages = [await openTab(context, '/'), await openTab(context, '/')];
  await app.database.db
    .deleteFrom('session')
    .where('profile_id', '=', await profileId(app, 'bo'))
    .execute();
  await Promise.all(
    pages.map((page) => expect(liveLight(page)).toHaveAccessibleName('Connection: Signed out', IN_TIME)),
  );
});

test('a stream that breaks is opened again once, with its position, and all tabs go on', async ({
  app,
  browser,
}) => {
  const team = await teamId(app);
  await using proxy = await streamProxy(app);
  await using context = await enterUnseen(browser, { ...app, url: proxy.url }, 'ada');
  const path = `/teams/${team}/team`;
  const pages = [await openTab(context, path), await openTab(context, path)];
  proxy.cut();
  await expect.poll(() => proxy.opened, IN_TIME).toBe(2);
  await Promise.all(pages.map(isLive));
  expect(proxy.streams.map((url) => url.includes('lastEventId'))).toEqual([true]);
  await app.database.db
    .updateTable('role')
    .set({ name: 'Bookkeeping' })
    .where('name', '=', 'Accounting')
    .execute();
  await Promise.all(
    pages.map((page) =>
      expect(page.getByRole('button', { name: 'Edit role Bookkeeping' })).toBeVisible(IN_TIME),
    ),
  );
  expect(proxy.opened).toBe(2);
});

test('a tab whose process dies takes nothing from the others', async ({ app, browser }) => {
  const team = await teamId(app);
  await using proxy = await streamProxy(app);
  await using context = await enterUnseen(browser, { ...app, url: proxy.url }, 'ada');
  const path = `/teams/${team}/team`;
  const [first, second] = [await openTab(context, path), await openTab(context, path)] as const;
  const crashed = first.waitForEvent('crash');
  await Promise.all([crashed, first.goto('chrome://crash').catch(() => undefined)]);
  await app.database.db
    .updateTable('role')
    .set({ name: 'Bookkeeping' })
    .where('name', '=', 'Accounting')
    .execute();
  await expect(second.getByRole('button', { name: 'Edit role Bookkeeping' })).toBeVisible(IN_TIME);
  expect(proxy.streams).toHaveLength(1);
});

test('where the browser has no SharedWorker, each tab has a stream of its own', async ({ app, browser }) => {
  const team = await teamId(app);
  await using proxy = await streamProxy(app);
  await using context = await enterUnseen(browser, { ...app, url: proxy.url }, 'ada');
  await withoutSharing(context);
  const path = `/teams/${team}/team`;
  const pages = [await openTab(context, path), await openTab(context, path)] as const;
  expect(proxy.streams).toHaveLength(2);
  await app.database.db
    .updateTable('role')
    .set({ name: 'Bookkeeping' })
    .where('name', '=', 'Accounting')
    .execute();
  await Promise.all(
    pages.map((page) =>
      expect(page.getByRole('button', { name: 'Edit role Bookkeeping' })).toBeVisible(IN_TIME),
    ),
  );
  await pages[0].close();
  await expect.poll(() => proxy.streams.length, IN_TIME).toBe(1);
});
