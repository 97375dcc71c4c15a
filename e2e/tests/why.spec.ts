import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { type App, enter, expect, test } from '../harness.ts';
import { profileId, teamId } from '../records.ts';

const inspector = (page: Page) => page.getByRole('region', { name: 'Live inspector' });
const detail = (page: Page) => inspector(page).getByRole('region', { name: /^Event / });
const rule = (page: Page, text: string | RegExp) =>
  detail(page).getByRole('list', { name: 'Rules' }).getByRole('listitem').filter({ hasText: text });

/** Somebody's page of the team with the inspector open, and in it a change of the team's name. */
async function watch(app: App, page: Page, team: number): Promise<void> {
  await page.keyboard.press('Control+Shift+L');
  await expect(inspector(page)).toBeVisible();
  await app.database.db.updateTable('team').set({ name: 'Renamed' }).where('id', '=', team).execute();
  const event = inspector(page).getByRole('list', { name: 'Events' }).getByRole('button');
  await expect(event).toHaveCount(1);
  await event.click();
}

test('by keyboard: an owner asks about each person, and reads why they did or did not hear it', async ({
  app,
  browser,
}) => {
  const team = await teamId(app);
  const { db } = app.database;
  await db
    .insertInto('invitation')
    .values({
      team_id: team,
      email: 'guest@example.com',
      secret_hash: 'x',
      expires_at: new Date('2030-01-01'),
    })
    .execute();
  await db
    .deleteFrom('profile_team')
    .where('profile_id', '=', await profileId(app, 'cleo'))
    .execute();
  await enter(browser, app, 'bo', `/teams/${team}/tasks`);
  const { page } = await enter(browser, app, 'ada', `/teams/${team}/team`);
  await watch(app, page, team);
  await db
    .insertInto('profile_team')
    .values({ team_id: team, profile_id: await profileId(app, 'cleo') })
    .execute();

  const question = detail(page).getByRole('button', { name: 'Who heard this?' });
  await question.focus();
  await page.keyboard.press('Enter');
  await expect(question).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('Tab');
  const person = detail(page).getByLabel('Person');
  await expect(person).toBeFocused();
  await expect(detail(page)).toContainText('Says for each rule whether it let this event through to them.');
  await page.keyboard.type('Bo');
  await expect(detail(page)).toContainText('Bo heard it:');
  await expect(
    rule(page, 'Bo was a member of the team when it was written.').getByLabel('Yes'),
  ).toBeVisible();
  await expect(person).toBeFocused();

  await person.selectOption({ label: 'guest@example.com' });
  await expect(detail(page)).toContainText('guest@example.com did not hear it: they are invited');
  await expect(rule(page, 'guest@example.com is no member of it now.').getByLabel('No')).toBeVisible();

  await person.selectOption({ label: 'Cleo (cleo@example.com)' });
  await expect(detail(page)).toContainText(
    /Cleo did not hear it: they joined the team (less than a second|\d+ seconds?) later/,
  );
  await expect(
    rule(page, /^Cleo has no page or program open on this server now/).getByLabel('Cannot be told'),
  ).toBeVisible();

  const { violations } = await new AxeBuilder({ page })
    .include('section[aria-label="Live inspector"]')
    .analyze();
  expect(violations).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(detail(page)).toBeHidden();
});

test('an answer that does not come is said, and asked for again; on a phone all of it fits', async ({
  app,
  browser,
}) => {
  const team = await teamId(app);
  const { page } = await enter(browser, app, 'ada', `/teams/${team}/team`, {
    viewport: { width: 390, height: 780 },
  });
  await watch(app, page, team);
  await page.route('**/api/trpc/realtime.why*', (route) => route.abort());
  await detail(page).getByRole('button', { name: 'Who heard this?' }).click();
  await detail(page).getByLabel('Person').selectOption({ label: 'Bo (bo@example.com)' });
  await expect(detail(page).getByRole('alert')).toContainText('The server cannot be reached');
  await page.unroute('**/api/trpc/realtime.why*');
  await detail(page).getByRole('button', { name: 'Try again' }).click();
  await expect(detail(page)).toContainText('Bo did not hear it: they were not signed in.');
  await expect(detail(page).getByRole('alert')).toBeHidden();
  const overflow = await detail(page).evaluate((element) => element.scrollWidth - element.clientWidth);
  expect(overflow).toBe(0);
});

test('who is no owner is not offered to ask', async ({ app, browser }) => {
  const team = await teamId(app);
  const { page } = await enter(browser, app, 'bo', `/teams/${team}/tasks`);
  await watch(app, page, team);
  await expect(detail(page).getByText('Copy JSON')).toBeVisible();
  await expect(detail(page).getByRole('button', { name: 'Who heard this?' })).toBeHidden();
});
