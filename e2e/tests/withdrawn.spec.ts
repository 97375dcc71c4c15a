import { expect, enter, liveLight, test } from '../harness.ts';
import { openTask, profileId } from '../records.ts';

const TASK = 'Record the invoice';

test('who is removed from a team is told so at once, wherever they look', async ({ app, browser }) => {
  const { page, loads } = await enter(browser, app, 'bo', (await openTask(app, TASK)).path);
  await expect(page.getByRole('heading', { name: TASK })).toBeVisible();
  const bo = await profileId(app, 'bo');
  await app.database.db.deleteFrom('profile_team').where('profile_id', '=', bo).execute();
  await expect(page.getByRole('heading', { name: 'You are no longer a member of Demo' })).toBeVisible();
  await expect(page.getByText(TASK)).toHaveCount(0);
  await page.getByRole('link', { name: 'Go to my teams' }).click();
  await expect(page.getByRole('heading', { name: 'Welcome, Bo' })).toBeVisible();
  expect(loads()).toBe(0);
});

test('who was removed while the connection was gone is told so as soon as it is back', async ({
  app,
  browser,
}) => {
  const { page, loads } = await enter(browser, app, 'bo', (await openTask(app, TASK)).path);
  await expect(page.getByRole('heading', { name: TASK })).toBeVisible();
  const bo = await profileId(app, 'bo');
  await app.stop();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Offline');
  await app.database.db.deleteFrom('profile_team').where('profile_id', '=', bo).execute();
  await app.restart();
  await expect(page.getByRole('heading', { name: 'You are no longer a member of Demo' })).toBeVisible({
    timeout: 30_000,
  });
  await expect(page.getByText(TASK)).toHaveCount(0);
  expect(loads()).toBe(0);
});

test('who has no session any more is told so: it expired, or the account is gone', async ({
  app,
  browser,
}) => {
  const { path } = await openTask(app, TASK);
  const bo = await profileId(app, 'bo');
  const { db } = app.database;
  const expired = await enter(browser, app, 'bo', path);
  await expect(expired.page.getByRole('heading', { name: TASK })).toBeVisible();
  const passed = new Date(Date.now() - 1_000);
  await db.updateTable('session').set({ expires_at: passed }).where('profile_id', '=', bo).execute();
  await expect(expired.page.getByRole('dialog', { name: 'Sign in again' })).toBeVisible();
  await expect(liveLight(expired.page)).toHaveAccessibleName('Connection: Signed out');

  const deleted = await enter(browser, app, 'bo', path);
  await expect(deleted.page.getByRole('heading', { name: TASK })).toBeVisible();
  await db.deleteFrom('profile').where('id', '=', bo).execute();
  await expect(deleted.page.getByRole('dialog', { name: 'Sign in again' })).toBeVisible();
  await expect(liveLight(deleted.page)).toHaveAccessibleName('Connection: Signed out');
});
