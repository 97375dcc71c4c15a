import type { BrowserContext, Page } from '@playwright/test';

import { type App, enterUnseen, expect, liveLight, test } from '../harness.ts';
import { openTask, type OpenTask, profileId } from '../records.ts';
import { streamProxy } from '../stream-proxy.ts';

const TABS = 12;
/** So many pages start slowly on two cores. */
const IN_TIME = { timeout: 20_000 };

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

const takenByAda = (page: Page) =>
  page
    .getByRole('list', { name: 'Tasks' })
    .getByRole('link', { name: /Record the invoice/ })
    .getByText('taken by Ada');

async function openTabs(context: BrowserContext, path: string, count: number): Promise<Page[]> {
  const pages: Page[] = [];
  for (let tab = 0; tab < count; tab++) {
    /* oxlint-disable no-await-in-loop -- one after the other, as a person opens them */
    const page = await context.newPage();
    await page.goto(path);
    await expect(liveLight(page)).toHaveAccessibleName('Connection: Live', IN_TIME);
    pages.push(page);
    /* oxlint-enable no-await-in-loop */
  }
  return pages;
}

test('twelve tabs, all live over one connection; the first is closed, and all others still are', async ({
  app,
  browser,
}) => {
  test.slow();
  const task = await openTask(app, 'Record the invoice');
  const list = task.path.replace(/\/\d+$/, '');
  await using proxy = await streamProxy(app);
  await using context = await enterUnseen(browser, { ...app, url: proxy.url }, 'bo');
  const pages = await openTabs(context, list, TABS);
  expect(proxy.streams).toHaveLength(1);

  await setClaim(app, task, 'ada');
  await Promise.all(pages.map((page) => expect(takenByAda(page)).toBeVisible(IN_TIME)));
  const [first, ...others] = pages;
  await first?.close();
  await setClaim(app, task, null);
  await Promise.all(others.map((page) => expect(takenByAda(page)).toBeHidden(IN_TIME)));
  await setClaim(app, task, 'ada');
  await Promise.all(others.map((page) => expect(takenByAda(page)).toBeVisible(IN_TIME)));
  await Promise.all(others.map((page) => expect(liveLight(page)).toHaveAccessibleName('Connection: Live')));
  expect(proxy.streams).toHaveLength(1);
  // It was one all the time.
  expect(proxy.opened).toBe(1);
});
