import type { BrowserContext, Page, Request } from '@playwright/test';

import { type App, enterUnseen, expect, liveLight, test, withoutSharing } from '../harness.ts';
import { openTask, type OpenTask, profileId } from '../records.ts';

const TABS = 8;
/** A browser opens at most six connections to a site; a tab in the background keeps its stream for 10 s. */
const UNTIL_ONE_IS_FREE = { timeout: 20_000 };

const takenByAda = (page: Page) =>
  page
    .getByRole('list', { name: 'Tasks' })
    .getByRole('link', { name: /Record the invoice/ })
    .getByText('taken by Ada');

/** What another program does: it knows nothing of the app. */
async function setClaim(app: App, task: OpenTask, name: string | null): Promise<void> {
  await app.database.db
    .updateTable('flow_element_instance')
    .set({
      claimed_by: name === null ? null : await profileId(app, name),
      claimed_at: name === null ? null : new Date(),
    })
    .where('id', '=', task.id)
    .execute();
}

function setVisibility(state: DocumentVisibilityState): void {
  Object.defineProperty(document, 'visibilityState', { configurable: true, value: state });
  Object.defineProperty(document, 'hidden', { configurable: true, value: state === 'hidden' });
  document.dispatchEvent(new Event('visibilitychange'));
}

/** Chromium without a window never hides a tab, so the page is told so. */
async function openTab(context: BrowserContext, path: string, state: DocumentVisibilityState): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript(setVisibility, state);
  await page.goto(path, UNTIL_ONE_IS_FREE);
  await expect(page.getByRole('list', { name: 'Tasks' }).getByText('Record the invoice')).toBeVisible(
    UNTIL_ONE_IS_FREE,
  );
  return page;
}

async function turn(page: Page, state: DocumentVisibilityState): Promise<void> {
  await page.evaluate(setVisibility, state);
}

/** Brings another tab to the front. */
async function change(from: Page, to: Page): Promise<void> {
  await turn(from, 'hidden');
  await turn(to, 'visible');
}

function countLoads(page: Page): () => number {
  let loads = 0;
  page.on('load', () => (loads += 1));
  return () => loads;
}

/** The streams that all tabs together hold. */
function followStreams(context: BrowserContext): ReadonlySet<Request> {
  const open = new Set<Request>();
  context.on('request', (request) => {
    if (request.url().includes('/api/trpc/realtime.changes')) open.add(request);
  });
  context.on('requestfinished', (request) => open.delete(request));
  context.on('requestfailed', (request) => open.delete(request));
  return open;
}

test('eight tabs that cannot share, seven opened in the background: all load, and the one in front is live', async ({
  app,
  browser,
}) => {
  const task = await openTask(app, 'Record the invoice');
  const list = task.path.replace(/\/\d+$/, '');
  // So many pages must not stay open beside the tests that follow.
  await using context = await enterUnseen(browser, app, 'bo');
  await withoutSharing(context);
  const streams = followStreams(context);
  const front = await openTab(context, list, 'visible');
  await expect(liveLight(front)).toHaveAccessibleName('Connection: Live');
  const behind: Page[] = [];
  for (let tab = 1; tab < TABS; tab++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as a person opens them
    behind.push(await openTab(context, list, 'hidden'));
  }
  expect(streams.size).toBe(1);

  await setClaim(app, task, 'ada');
  await expect(takenByAda(front)).toBeVisible();
  const next = behind.at(-1) as Page;
  const loads = countLoads(next);
  await expect(takenByAda(next)).toBeHidden();

  await change(front, next);
  await expect(liveLight(next)).toHaveAccessibleName('Connection: Live');
  await expect(takenByAda(next)).toBeVisible();
  await setClaim(app, task, null);
  await expect(takenByAda(next)).toBeHidden();
  expect(loads()).toBe(0);
});

test('eight tabs that cannot share, each opened in front of the one before: none hangs, and those behind leave their streams', async ({
  app,
  browser,
}) => {
  // Real spans of 10 s pass in it.
  test.slow();
  const task = await openTask(app, 'Record the invoice');
  const list = task.path.replace(/\/\d+$/, '');
  await using context = await enterUnseen(browser, app, 'bo');
  await withoutSharing(context);
  const streams = followStreams(context);
  const first = await openTab(context, list, 'visible');
  await expect(liveLight(first)).toHaveAccessibleName('Connection: Live');
  const loads = countLoads(first);
  let front = first;
  for (let tab = 1; tab < TABS; tab++) {
    /* oxlint-disable no-await-in-loop -- one after the other, as a person opens them */
    await turn(front, 'hidden');
    front = await openTab(context, list, 'visible');
    await expect(liveLight(front)).toHaveAccessibleName('Connection: Live', UNTIL_ONE_IS_FREE);
    /* oxlint-enable no-await-in-loop */
  }
  await expect.poll(() => streams.size, UNTIL_ONE_IS_FREE).toBe(1);

  await setClaim(app, task, 'ada');
  await expect(takenByAda(front)).toBeVisible();
  await expect(takenByAda(first)).toBeHidden();
  await change(front, first);
  await expect(liveLight(first)).toHaveAccessibleName('Connection: Live');
  await expect(takenByAda(first)).toBeVisible();
  await setClaim(app, task, null);
  await expect(takenByAda(first)).toBeHidden();
  expect(loads()).toBe(0);
});
