import type { Page } from '@playwright/test';

import { act, type App, enter, enterUnseen, expect, liveLight, PASSWORD, test } from '../harness.ts';
import { openTask, profileId, teamId } from '../records.ts';

async function halfFilled(page: Page): Promise<void> {
  await page.getByLabel('Supplier').fill('Paper Mill');
  await page.getByLabel('Amount').fill('12.5');
}

async function expectEntries(page: Page): Promise<void> {
  await expect(page.getByLabel('Supplier')).toHaveValue('Paper Mill');
  await expect(page.getByLabel('Amount')).toHaveValue('12.5');
}

const endSessions = async ({ database }: App, profile: string): Promise<void> => {
  await database.db.deleteFrom('session').where('profile_id', '=', profile).execute();
};

test('a half-filled form survives the task being taken by someone else, who is named, with when', async ({
  app,
  browser,
}) => {
  const { id, path } = await openTask(app, 'Record the invoice');
  const team = await teamId(app);
  const bo = await enter(browser, app, 'bo', path);
  const ada = await enterUnseen(browser, app, 'ada');
  await halfFilled(bo.page);

  await act(ada, 'task', 'claim', { teamId: team, id });
  const banner = bo.page.getByRole('status').filter({ hasText: 'your entries are kept' });
  await expect(banner).toContainText(/Ada took this (just now|\d+ s ago)/);
  await expectEntries(bo.page);
  await expect(bo.page.getByRole('button', { name: 'Complete' })).toBeDisabled();

  await act(ada, 'task', 'release', { teamId: team, id });
  await expect(banner).toBeHidden();
  await expectEntries(bo.page);
  await bo.page.getByRole('button', { name: 'Complete' }).click();
  await expect(bo.page.getByText(/^Completed\./)).toBeVisible();
  const { variables } = await app.database.db
    .selectFrom('process_instance')
    .innerJoin('flow_element_instance', 'is_part_of', 'process_instance.id')
    .select('variables')
    .where('flow_element_instance.id', '=', id)
    .executeTakeFirstOrThrow();
  expect(variables).toEqual({ Supplier: 'Paper Mill', Amount: 12.5 });
  expect(bo.loads()).toBe(0);
});

test('… and completed by someone else: what was entered can still be read and carried elsewhere', async ({
  app,
  browser,
}) => {
  const { id, path } = await openTask(app, 'Record the invoice');
  const bo = await enter(browser, app, 'bo', path, { permissions: ['clipboard-read', 'clipboard-write'] });
  const ada = await enterUnseen(browser, app, 'ada');
  await halfFilled(bo.page);

  const data = { Supplier: 'Somebody else', Amount: 1 };
  await act(ada, 'task', 'complete', { teamId: await teamId(app), id, data, choice: [] });
  const banner = bo.page.getByRole('status').filter({ hasText: 'Your entries were not sent' });
  await expect(banner).toContainText(/Ada completed this (just now|\d+ s ago)/);
  await banner.getByRole('button', { name: 'Copy entries' }).click();
  await expect(banner.getByRole('button', { name: 'Copied' })).toBeVisible();
  const copied = await bo.page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain('Supplier: Paper Mill\nAmount: 12.5');

  await bo.page.reload();
  await expect(banner).toBeVisible();
  await banner.getByRole('button', { name: 'Discard entries' }).click();
  await expect(banner).toBeHidden();
  await bo.page.reload();
  await expect(bo.page.getByText('Ada completed this')).toBeVisible();
  await expect(banner).toBeHidden();
});

test('… and a reload, until it is completed', async ({ app, browser }) => {
  const { path } = await openTask(app, 'Record the invoice');
  const { page } = await enter(browser, app, 'bo', path);
  await halfFilled(page);
  await page.getByRole('button', { name: 'Add another value' }).click();
  await page.getByLabel('Name of value 1').fill('Cost centre');
  await page.getByLabel('Value of Cost centre').fill('K2');
  await page.reload();
  await expectEntries(page);
  await expect(page.getByLabel('Value of Cost centre')).toHaveValue('K2');
  await page.getByRole('button', { name: 'Complete' }).click();
  await expect(page.getByText(/^Completed\./)).toBeVisible();
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('draft')))).toEqual(
    [],
  );
});

test('… and a session that ended: sign in in place, and go on', async ({ app, browser }) => {
  const { path } = await openTask(app, 'Record the invoice');
  const bo = await enter(browser, app, 'bo', path);
  const { page } = bo;
  await halfFilled(page);

  await endSessions(app, await profileId(app, 'bo'));
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await expect(dialog).toContainText('Nothing you entered is lost');
  await expect(
    page.getByRole('button', { name: 'Connection: Signed out', includeHidden: true }),
  ).toBeVisible();
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();

  await expect(dialog).toBeHidden();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  await expectEntries(page);
  await page.getByRole('button', { name: 'Complete' }).click();
  await expect(page.getByText(/^Completed\./)).toBeVisible();
  expect(bo.loads()).toBe(0);
});

test('when someone else signs in where the session ended, they see none of what was entered', async ({
  app,
  browser,
}) => {
  const { path } = await openTask(app, 'Record the invoice');
  const { page } = await enter(browser, app, 'bo', path);
  await halfFilled(page);
  await endSessions(app, await profileId(app, 'bo'));
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.getByLabel('Email').fill('ada@example.com');
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(dialog).toBeHidden();
  await page.goto(path);
  await expect(page.getByLabel('Supplier')).toHaveValue('Blue Cloud Hosting');
  await expect(page.getByLabel('Amount')).toHaveValue('');
});

test('two people complete the same task at once: one wins, the other is told who and when, and keeps all', async ({
  app,
  browser,
}) => {
  const { id, path } = await openTask(app, 'Record the invoice');
  const ada = await enter(browser, app, 'ada', `${path}?filter=all`);
  const bo = await enter(browser, app, 'bo', path);
  const both = [ada.page, bo.page];
  // Neither request goes on before both are on their way.
  const { promise: bothSent, resolve: go } = Promise.withResolvers<void>();
  let sent = 0;
  for (const page of both) {
    await page.route('**/api/trpc/task.complete*', async (route) => {
      sent += 1;
      if (sent === both.length) go();
      await bothSent;
      await route.continue();
    });
    await halfFilled(page);
  }
  await Promise.all(both.map((page) => page.getByRole('button', { name: 'Complete' }).click()));

  const { completed_by: winner } = await expectCompleted(app, id);
  const adaWon = winner === (await profileId(app, 'ada'));
  const [won, lost] = adaWon ? [ada.page, bo.page] : [bo.page, ada.page];
  await expect(won.getByText(/^Completed\./)).toBeVisible();
  const banner = lost.getByRole('status').filter({ hasText: 'Your entries were not sent' });
  await expect(banner).toContainText(
    new RegExp(`${adaWon ? 'Ada' : 'Bo'} completed this (just now|\\d+ s ago)`),
  );
  await expect(banner.getByRole('button', { name: 'Copy entries' })).toBeVisible();
  await expect(lost.getByText(/^Completed\./)).toBeHidden();
});

async function expectCompleted({ database }: App, id: number): Promise<{ completed_by: string | null }> {
  const read = () =>
    database.db
      .selectFrom('flow_element_instance')
      .select(['status', 'completed_by'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
  await expect.poll(async () => (await read()).status).toBe('Completed');
  return read();
}
