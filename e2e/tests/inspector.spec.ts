import type { Page } from '@playwright/test';

import { act, type App, enter, enterUnseen, expect, liveLight, test } from '../harness.ts';
import { openTask, teamId } from '../records.ts';

const inspector = (page: Page) => page.getByRole('region', { name: 'Live inspector' });
const events = (page: Page) => inspector(page).getByRole('list', { name: 'Events' }).getByRole('button');
const fact = (page: Page, name: string) =>
  inspector(page)
    .locator('dl > div')
    .filter({ has: page.getByText(name, { exact: true }) });

async function rename(app: App, role: string, name: string): Promise<void> {
  await app.database.db.updateTable('role').set({ name }).where('name', '=', role).execute();
}

test('by keyboard: opens on its shortcut, shows what came, how old, and what it did to each query, and why', async ({
  app,
  browser,
}) => {
  const { id, path } = await openTask(app, 'Record the invoice');
  const team = await teamId(app);
  const { page } = await enter(browser, app, 'bo', path);
  const ada = await enterUnseen(browser, app, 'ada');
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(request.url()));
  const { keyboard } = page;

  await keyboard.press('?');
  await expect(page.getByRole('dialog').getByText('Live inspector, for developers')).toBeVisible();
  await keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  expect(fetched.filter((url) => url.includes('inspector'))).toEqual([]);
  await expect(inspector(page)).toBeHidden();

  await page.getByLabel('Supplier').focus();
  await keyboard.press('Control+Shift+L');
  await expect(inspector(page)).toBeFocused();
  await act(ada, 'task', 'claim', { teamId: team, id });
  const event = events(page);
  await expect(event).toHaveCount(1);
  await expect(event).toContainText('flow_element_instance_changes');
  await expect(event).toContainText(`UPDATE#${id}claimed_by, claimed_at`);
  await expect(event).toContainText(/≈ \d+ ms → \d+ ms/);
  await expect(event).toContainText(/[2-9] of \d+ queries/);
  await expect(event.getByTitle(/^It touched [2-9] of the \d+ queries in the cache/)).toBeVisible();
  await expect(inspector(page).getByText('Heard → on screen')).toBeVisible();

  await reach(page, 'Events', 'ol button');
  await keyboard.press('Enter');
  const detail = inspector(page).getByRole('region', { name: /^Event \d+$/ });
  await expect(detail).toContainText(
    /Heard about \d+ ms after the trigger ran; what it changed was on screen after about \d+ ms\./,
  );
  await expect(detail.getByRole('list', { name: 'Fetched again' })).toContainText(
    /task\.get.*On screen \d+ ms after the event was heard/,
  );
  await expect(detail.getByRole('list', { name: 'Not touched' })).toContainText(
    'The rule of flow_element_instance_changes does not name team.mine.',
  );
  await expect(detail.getByText(`"id": ${id},`)).toBeVisible();
  const [, seq] = /seq (\d+)/.exec((await event.textContent()) ?? '') ?? [];
  await expect(detail).toHaveAccessibleName(`Event ${seq}`);
  await expect(detail.getByRole('heading', { level: 3 })).toHaveText(
    `flow_element_instance_changes seq ${seq}`,
  );

  await keyboard.press('Escape');
  await expect(detail).toBeHidden();
  await expect(event).toBeFocused();
  await keyboard.press('Escape');
  await expect(inspector(page)).toBeHidden();
  await expect(page.getByLabel('Supplier')).toBeFocused();
});

test('filter, pause and clear; what is listed can be copied', async ({ app, browser }) => {
  const team = await teamId(app);
  const { page } = await enter(browser, app, 'ada', `/teams/${team}/team`, {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await page.getByRole('button', { name: 'Account menu' }).click();
  await page.getByRole('menuitem', { name: 'Live inspector' }).click();
  await expect(inspector(page)).toBeVisible();
  await rename(app, 'Accounting', 'Bookkeeping');
  await app.database.db.updateTable('team').set({ name: 'Demonstration' }).where('id', '=', team).execute();
  await expect(events(page)).toHaveCount(2);

  await inspector(page).getByLabel('Channel').selectOption('role_changes');
  await expect(events(page)).toHaveCount(1);
  await inspector(page).getByLabel('Filter by text').fill('accounting');
  await expect(inspector(page).getByText('Nothing that came passes the filter.')).toBeVisible();
  await inspector(page).getByLabel('Filter by text').fill('bookKEEPING');
  await expect(events(page)).toHaveCount(1);
  await inspector(page).getByRole('button', { name: 'Copy what is listed as JSON' }).click();
  await expect(inspector(page).getByRole('button', { name: 'Copied' })).toBeVisible();
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as unknown;
  expect(copied).toEqual([
    expect.objectContaining({ channel: 'role_changes', name: 'Bookkeeping', changed: ['name'] }),
  ]);
  await inspector(page).getByLabel('Filter by text').fill('');

  await inspector(page).getByRole('button', { name: 'Pause' }).click();
  await rename(app, 'Bookkeeping', 'Books');
  await rename(app, 'Books', 'Accounting');
  await expect(inspector(page).getByRole('button', { name: 'Paused: 2 more' })).toBeVisible();
  await expect(events(page)).toHaveCount(1);
  await inspector(page).getByRole('button', { name: 'Paused: 2 more' }).click();
  await expect(events(page)).toHaveCount(3);
  await inspector(page).getByRole('button', { name: 'Clear the list' }).click();
  await expect(events(page)).toHaveCount(0);
});

test('six hundred events at once: the newest five hundred are kept, and the page goes on', async ({
  app,
  browser,
}) => {
  const team = await teamId(app);
  const { page } = await enter(browser, app, 'ada', `/teams/${team}/team`);
  await page.keyboard.press('Control+Shift+L');
  await expect(inspector(page)).toBeVisible();
  await app.database.pool.query(`DO $$ BEGIN
    FOR nth IN 1..600 LOOP UPDATE role SET name = 'Role ' || nth WHERE name IN ('Accounting', 'Role ' || nth - 1); END LOOP;
  END $$`);
  await expect(events(page)).toHaveCount(500);
  await inspector(page).getByLabel('Filter by text').fill('"Role 600"');
  await expect(events(page)).toHaveCount(1);
  await expect(events(page)).toContainText(/≈ \d+ ms → \d+ ms/);
  await expect(page.getByRole('button', { name: 'Edit role Role 600' })).toBeVisible();

  await page.keyboard.press('Escape');
  await expect(events(page)).toHaveCount(500);
  await page.keyboard.press('Escape');
  await expect(inspector(page)).toBeHidden();
});

test('says how the connection stands; stays open in its own tab when that is loaded anew', async ({
  app,
  browser,
}) => {
  const team = await teamId(app);
  const { page } = await enter(browser, app, 'ada', `/teams/${team}/team`);
  await page.keyboard.press('Control+Shift+L');
  await expect(fact(page, 'State')).toContainText('live, for');
  await expect(fact(page, 'Position')).not.toContainText('none yet');
  await expect(fact(page, 'Reconnects')).toContainText('0');

  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 780 });
  const line = inspector(page).getByRole('region', { name: 'Connection' });
  await expect.poll(async () => (await line.boundingBox())?.height).toBeLessThan(48);
  await fact(page, 'Server’s clock').scrollIntoViewIfNeeded();
  await expect(fact(page, 'Server’s clock')).toBeInViewport();
  if (size) await page.setViewportSize(size);

  await app.stop();
  await expect(fact(page, 'State')).toContainText(/connecting|offline/);
  await app.restart();
  await expect(fact(page, 'State')).toContainText('live, for', { timeout: 20_000 });
  await expect(fact(page, 'Reconnects')).toHaveText(/Reconnects *[1-9]/);
  // It went on from its position, and nothing was fetched again.
  await expect(fact(page, 'Resyncs')).toHaveText(/Resyncs *0$/);

  await page.reload();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  await expect(inspector(page)).toBeVisible();
  const other = await page.context().newPage();
  await other.goto(`/teams/${team}/team`);
  await expect(liveLight(other)).toHaveAccessibleName('Connection: Live');
  await expect(inspector(other)).toBeHidden();
});

test('the connection test walks the whole way with a real event', async ({ app, browser }) => {
  const { page } = await enter(browser, app, 'bo');
  await page.getByRole('button', { name: 'Account menu' }).click();
  await page.getByRole('menuitem', { name: 'Connection test' }).click();
  await expect(page.getByRole('heading', { name: 'Connection test' })).toBeVisible();
  // It waits for a heartbeat of the stream, too.
  await expect(page.getByText('Everything that was tried works; something could be better.')).toBeVisible({
    timeout: 40_000,
  });
  const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem');
  await expect(steps).toHaveText([
    /^fineServer/,
    /^fineServer’s listener/,
    /^fineWay through proxies/,
    /^could be betterHTTP version.*http\/1\.1.*http2 on;/,
    /^fineStream/,
    /^fineRefreshing what is shown.*The event made its query be fetched again\./,
  ]);
});

test('… names the step that fails, with the line to add, and runs again when it is mended', async ({
  app,
  browser,
}) => {
  const { page } = await enter(browser, app, 'bo');
  const held = Promise.withResolvers<void>();
  // A proxy that keeps the stream to itself; the page's own one stands already.
  await page.route('**/api/trpc/realtime.changes*', () => held.promise);
  await page.getByRole('button', { name: 'Account menu' }).click();
  await page.getByRole('menuitem', { name: 'Connection test' }).click();
  await expect(page.getByText('Way through proxies fails: begin there.')).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText('proxy_buffering off;')).toBeVisible();
  held.resolve();
  await page.unroute('**/api/trpc/realtime.changes*');
  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(page.getByText('Way through proxies fails: begin there.')).toBeHidden();
  await expect(page.getByText('Frames come through as they are sent.')).toBeVisible({ timeout: 20_000 });
});

/** Goes there by the Tab key, as one without a pointer does. */
async function reach(page: Page, label: string, selector: string): Promise<void> {
  for (let step = 0; step < 20; step++) {
    // oxlint-disable-next-line no-await-in-loop -- one key after the other
    await page.keyboard.press('Tab');
    // oxlint-disable-next-line no-await-in-loop
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  throw new Error(`Twenty times Tab did not lead to ${label}.`);
}
