import type { Page } from '@playwright/test';

import { act, enter, enterUnseen, expect, liveLight, test } from '../harness.ts';
import { loadOldBuild } from '../old-build.ts';
import { openTask, teamId } from '../records.ts';

/** Makes the server one whose `role_changes` is defined differently. */
const CHANGED = new URL('../changed-contract.ts', import.meta.url);

const banner = (page: Page) => page.getByRole('region', { name: 'Update' });

test('a page from before a deploy that changed a channel: the others stay live, and it is told to reload', async ({
  app,
  browser,
}) => {
  const { id, path } = await openTask(app, 'Record the invoice');
  const team = await teamId(app);
  const { page } = await enter(browser, app, 'bo', path);
  await expect(banner(page)).toBeHidden();
  const deploy = await loadOldBuild(page, 'role_changes');
  let loads = 0;
  page.on('load', () => (loads += 1));

  await expect(banner(page)).toContainText('ProcessFlow was updated. Reload to see changes to roles.');
  await page.getByLabel('Supplier').fill('Paper Mill');

  // A channel that is as it was: live.
  const ada = await enterUnseen(browser, app, 'ada');
  await act(ada, 'task', 'claim', { teamId: team, id });
  await expect(page.getByText(/Ada took this/)).toBeVisible();
  await act(ada, 'task', 'release', { teamId: team, id });
  await expect(page.getByText(/Ada took this/)).toBeHidden();
  expect(loads).toBe(0);

  await deploy();
  await banner(page).getByRole('button', { name: 'Reload' }).click();
  await expect.poll(() => loads).toBe(1);
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  await expect(page.getByLabel('Supplier')).toHaveValue('Paper Mill');
  await expect(banner(page)).toBeHidden();
});

test('what it cannot read it fetches: a role renamed on the channel that changed is seen all the same', async ({
  app,
  browser,
}) => {
  const team = await teamId(app);
  const { page } = await enter(browser, app, 'ada', `/teams/${team}/team`);
  await loadOldBuild(page, 'role_changes');
  await expect(banner(page)).toBeVisible();
  await app.database.db
    .updateTable('role')
    .set({ name: 'Bookkeeping' })
    .where('name', '=', 'Accounting')
    .execute();
  await expect(page.getByRole('button', { name: 'Edit role Bookkeeping' })).toBeVisible();
});

test('a server started anew with the same channels: the page from before goes on without a word', async ({
  app,
  browser,
}) => {
  const { id, path } = await openTask(app, 'Record the invoice');
  const team = await teamId(app);
  const bo = await enter(browser, app, 'bo', path);
  await app.restart();
  await expect(liveLight(bo.page)).toHaveAccessibleName('Connection: Live', { timeout: 20_000 });
  const ada = await enterUnseen(browser, app, 'ada');
  await act(ada, 'task', 'claim', { teamId: team, id });
  await expect(bo.page.getByText(/Ada took this/)).toBeVisible();
  await expect(banner(bo.page)).toBeHidden();
  expect(bo.loads()).toBe(0);
});

test('a deploy under an open tab: it resumes, is told without a reload, and the other channels go on live', async ({
  app,
  browser,
}) => {
  const { id, path } = await openTask(app, 'Record the invoice');
  const team = await teamId(app);
  const { page, loads } = await enter(browser, app, 'bo', path, { shares: false });
  await expect(banner(page)).toBeHidden();
  const resumed = page.waitForRequest((request) => request.url().includes('lastEventId'));

  await app.restart(CHANGED);
  // With its position, so that its stream begins with a resync, not as a new one does.
  await resumed;
  await expect(banner(page)).toContainText('ProcessFlow was updated. Reload to see changes to roles.', {
    timeout: 20_000,
  });
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  const ada = await enterUnseen(browser, app, 'ada');
  await act(ada, 'task', 'claim', { teamId: team, id });
  await expect(page.getByText(/Ada took this/)).toBeVisible();
  expect(loads()).toBe(0);
});
