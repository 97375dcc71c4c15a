import type { Page } from '@playwright/test';

import { enter, expect, liveLight, PASSWORD, place, test } from '../harness.ts';
import { openTask, teamId } from '../records.ts';

async function signUp(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Email').fill(`${name.toLowerCase()}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign up' }).click();
}

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('sign up, make a team, rename it, and delete it again', async ({ app, page }) => {
  await page.goto(app.url);
  await page.getByRole('link', { name: 'Sign up' }).click();
  await signUp(page, 'Ada');
  await expect(page.getByRole('alert')).toContainText('has signed up with this address already');
  await signUp(page, 'Fay');
  await expect(page.getByRole('heading', { name: 'Welcome, Fay' })).toBeVisible();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');

  await page.getByLabel('Name of the team').fill('Purchasing');
  await page.getByRole('button', { name: 'Create team' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing waits for you' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Team: Purchasing' })).toBeVisible();

  await place(page, 'Team').click();
  await page.getByLabel('Name of the team').fill('Buying');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('heading', { name: 'Buying', level: 1 })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Team: Buying' })).toBeVisible();

  await page.getByRole('button', { name: 'Leave team' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave team' }).click();
  const refusal = page.getByRole('alert').filter({ hasText: 'owner' });
  await expect(refusal).toBeVisible();
  await refusal.getByRole('button').click();
  await expect(page.getByRole('heading', { name: 'Buying', level: 1 })).toBeVisible();

  await page.getByRole('button', { name: 'Delete team' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete Buying?' });
  await expect(dialog.getByRole('button', { name: 'Delete team' })).toBeDisabled();
  await dialog.getByLabel('Type “Buying” to confirm').fill('Buying');
  await dialog.getByRole('button', { name: 'Delete team' }).click();
  await expect(page.getByRole('heading', { name: 'Welcome, Fay' })).toBeVisible();
  const left = await app.database.db.selectFrom('team').select('name').orderBy('name').execute();
  expect(left).toEqual([{ name: 'Demo' }, { name: 'Other' }]);
});

test('who leaves a team is gone from everybody’s screen, and finds the way on', async ({ app, browser }) => {
  const path = `/teams/${await teamId(app)}/team`;
  const bo = await enter(browser, app, 'bo', path);
  const ada = await enter(browser, app, 'ada', path);
  const members = ada.page.getByRole('region', { name: 'Members' });
  await expect(members.getByText('bo@example.com')).toBeVisible();
  await bo.page.getByRole('button', { name: 'Leave team' }).click();
  await bo.page.getByRole('dialog').getByRole('button', { name: 'Leave team' }).click();
  await expect(bo.page.getByRole('heading', { name: 'Welcome, Bo' })).toBeVisible();
  await expect(members.getByText('bo@example.com')).toBeHidden();
  expect([ada.loads(), bo.loads()]).toEqual([0, 0]);
});

test('whom one removes is gone at once, also with the pointer on the list', async ({ app, browser }) => {
  const { page } = await enter(browser, app, 'ada', `/teams/${await teamId(app)}/team`);
  const members = page.getByRole('region', { name: 'Members' });
  const others = members.getByText(/^(?!ada)\w+@example\.com$/);
  const alone = members.getByText('You are alone here.');
  await expect(others.first()).toBeVisible();
  for (let left = await others.count(); left > 0; left--) {
    await expect(alone).toBeHidden();
    await members
      .getByRole('button', { name: /^Actions for (?!Ada)/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Remove from the team' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Remove / })
      .click();
    await members.getByText('ada@example.com').hover();
    await expect(others).toHaveCount(left - 1);
  }
  await expect(alone).toBeVisible();
  await expect(members.getByRole('button', { name: /^\d+ changes?$/ })).toBeHidden();
});

test('a changed password: other browsers are signed out, only the new one lets in', async ({
  app,
  browser,
}) => {
  const { page } = await enter(browser, app, 'bo', '/account');
  const { page: elsewhere } = await enter(browser, app, 'bo');
  await page.getByLabel('Current password').fill('a wrong one');
  await page.getByLabel('New password').fill('quite another password');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('alert')).toHaveText('The current password is wrong.');
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Password changed' })).toBeVisible();

  await expect(elsewhere.getByRole('dialog', { name: 'Sign in again' })).toBeVisible();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  await page.getByRole('button', { name: 'Account menu' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await signIn(page, 'bo@example.com', PASSWORD);
  await expect(page.getByRole('main').getByRole('alert')).toHaveText('Email or password is wrong.');
  await signIn(page, 'bo@example.com', 'quite another password');
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
});

test('an address that needs a sign-in is where the sign-in leads', async ({ app, page }) => {
  const { path } = await openTask(app, 'Record the invoice');
  await page.goto(`${app.url}${path}`);
  await expect(page).toHaveURL(/\/sign-in/);
  await signIn(page, 'bo@example.com', PASSWORD);
  await expect(page.getByRole('heading', { name: 'Record the invoice' })).toBeVisible();
  await expect(page).toHaveURL(`${app.url}${path}`);
  await expect(page).toHaveTitle(/Record the invoice/);
});
