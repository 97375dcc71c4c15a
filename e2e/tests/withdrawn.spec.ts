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

test('whose verified address was changed is told so: what went to the old one goes, what waits for the new one comes', async ({
  app,
  browser,
}) => {
  const { db } = app.database;
  const bo = await profileId(app, 'bo');
  const invite = (team: string, email: string) =>
    db
      .insertInto('team')
      .values({ name: team })
      .returning('id')
      .executeTakeFirstOrThrow()
      .then(({ id }) =>
        db
          .insertInto('invitation')
          .values({
            team_id: id,
            email,
            secret_hash: `hash of ${team}`,
            expires_at: new Date(Date.now() + 86_400_000),
          })
          .execute(),
      );
  const { page, loads } = await enter(browser, app, 'bo', (await openTask(app, TASK)).path);
  await invite('Old', 'bo@example.com');
  await invite('New', 'bo@example.org');
  await page.getByRole('button', { name: 'Invitations: 1 open' }).click();
  const inbox = page.getByRole('dialog', { name: 'Invitations' });
  await expect(inbox.getByText('Old')).toBeVisible();

  await db.updateTable('profile').set({ email: 'bo@example.org' }).where('id', '=', bo).execute();
  await expect(inbox.getByText('New')).toBeVisible();
  await expect(inbox.getByText('Old')).toHaveCount(0);

  await db.updateTable('profile').set({ email_verified: false }).where('id', '=', bo).execute();
  await expect(inbox.getByText('No invitations. Yours come as a link.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Invitations', exact: true })).toBeVisible();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  await expect(page.getByRole('heading', { name: TASK })).toBeVisible();
  expect(loads()).toBe(0);
});
