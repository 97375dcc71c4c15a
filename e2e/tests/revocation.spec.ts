import type { Page } from '@playwright/test';

import { act, type App, enter, enterUnseen, expect, liveLight, PASSWORD, place, test } from '../harness.ts';
import { openTask, profileId, teamId } from '../records.ts';

const title = (page: Page, name: string) => page.getByRole('heading', { name });

async function setPages({ database }: App, pages: ('tasks' | 'instances')[]): Promise<void> {
  await database.db.updateTable('role').set({ pages }).where('name', '=', 'Accounting').execute();
}

test('a page that a role no longer opens closes while one looks, and opens again', async ({
  app,
  browser,
}) => {
  const { page, loads } = await enter(browser, app, 'bo', (await openTask(app, 'Record the invoice')).path);
  await expect(title(page, 'Record the invoice')).toBeVisible();

  await setPages(app, ['instances']);
  await expect(title(page, 'Tasks is not open to you')).toBeVisible();
  await expect(place(page, 'Tasks')).toBeHidden();
  await expect(page.getByText('Record the invoice')).toHaveCount(0);
  await page.getByRole('link', { name: 'Go to what is open' }).click();
  await expect(title(page, 'Choose an instance')).toBeVisible();

  await setPages(app, ['tasks', 'instances']);
  await place(page, 'Tasks').click();
  await expect(title(page, 'Choose a task')).toBeVisible();
  expect(loads()).toBe(0);
});

test('a role that is taken closes its pages, and nothing more is heard of them', async ({ app, browser }) => {
  const task = await openTask(app, 'Record the invoice');
  const { page, loads } = await enter(browser, app, 'bo', task.path);
  const ada = await enterUnseen(browser, app, 'ada');
  const team = await teamId(app);
  await act(ada, 'member', 'setRoles', { teamId: team, profileId: await profileId(app, 'bo'), roleIds: [] });
  await expect(title(page, 'Tasks is not open to you')).toBeVisible();
  await expect(place(page, 'Instances')).toBeHidden();
  await page.getByRole('link', { name: 'Go to what is open' }).click();
  await expect(page.getByRole('region', { name: 'Members' }).getByText('No role yet')).toBeVisible();

  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await act(ada, 'task', 'claim', { teamId: team, id: task.id });
  // Comes after the task's event, on a channel that is still his.
  await act(ada, 'team', 'rename', { teamId: team, name: 'Renamed' });
  await expect(title(page, 'Renamed')).toBeVisible();
  expect(asked.filter((url) => /task\.|instance\./.test(url))).toEqual([]);
  expect(loads()).toBe(0);
});

test('a team that is deleted while one looks: the page says so and leads on', async ({ app, browser }) => {
  const { page, loads } = await enter(browser, app, 'bo', (await openTask(app, 'Record the invoice')).path);
  await expect(title(page, 'Record the invoice')).toBeVisible();
  await app.database.db.deleteFrom('team').where('name', '=', 'Demo').execute();
  await expect(title(page, 'You are no longer a member of Demo')).toBeVisible();
  await page.getByRole('link', { name: 'Go to my teams' }).click();
  await expect(title(page, 'Welcome, Bo')).toBeVisible();
  expect(loads()).toBe(0);
});

test('the address of someone else’s team shows nothing of it', async ({ app, browser }) => {
  const { page } = await enter(browser, app, 'cleo', (await openTask(app, 'Record the invoice')).path);
  await expect(title(page, 'You are not a member of this team')).toBeVisible();
  await expect(page.getByText('Demo')).toHaveCount(0);
});

test('a session that is deleted is told, and hears nothing more', async ({ app, browser }) => {
  const task = await openTask(app, 'Record the invoice');
  const { page } = await enter(browser, app, 'bo', task.path);
  await expect(title(page, 'Record the invoice')).toBeVisible();
  const profile = await profileId(app, 'bo');
  await app.database.db.deleteFrom('session').where('profile_id', '=', profile).execute();
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('alert').filter({ hasText: 'no longer live' })).toBeVisible();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Signed out');
  await expect(title(page, 'Record the invoice')).toBeVisible();

  await page.getByRole('button', { name: 'Sign in again' }).click();
  await dialog.getByLabel('Password', { exact: true }).fill('not the password');
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(dialog.getByRole('alert')).toHaveText('Email or password is wrong.');
});

test('signing out in one tab empties the others; signing in fills them again', async ({ app, browser }) => {
  const { path } = await openTask(app, 'Record the invoice');
  const { page: one } = await enter(browser, app, 'bo', path);
  const two = await one.context().newPage();
  await two.goto(path);
  await expect(liveLight(two)).toHaveAccessibleName('Connection: Live');
  await place(two, 'Team').click();
  await expect(title(two, 'Demo')).toBeVisible();

  await one.getByRole('button', { name: 'Account menu' }).click();
  await one.getByRole('menuitem', { name: 'Sign out' }).click();
  for (const page of [one, two]) {
    await expect(title(page, 'Sign in')).toBeVisible();
    await expect(page.getByText(/Record the invoice|Demo/)).toHaveCount(0);
  }
  await two.goBack();
  await expect(title(two, 'Sign in')).toBeVisible();

  await one.getByLabel('Email').fill('bo@example.com');
  await one.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await one.getByRole('button', { name: 'Sign in' }).click();
  for (const page of [one, two]) {
    await expect(title(page, 'Record the invoice')).toBeVisible();
    await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  }
});
