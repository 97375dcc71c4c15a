import type { Page } from '@playwright/test';

import { act, enter, expect, liveLight, PASSWORD, test } from '../harness.ts';
import { teamId } from '../records.ts';

/** Invites by the form and gives the link that the dialog shows this one time. */
async function invite(page: Page, email: string): Promise<string> {
  await page.getByLabel('Email address to invite').fill(email);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  return linkOf(page);
}

async function linkOf(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'Invitation link' });
  const link = await dialog.getByLabel('Link to hand over').inputValue();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toBeHidden();
  return link;
}

const invitationTo = (page: Page, email: string) =>
  page.getByRole('list', { name: 'Invitations' }).getByRole('listitem').filter({ hasText: email });

test('a link lets in one person, whose address nobody verified, and works once', async ({ app, browser }) => {
  const ada = await enter(browser, app, 'ada', `/teams/${await teamId(app)}/team`);
  const link = await invite(ada.page, 'dora@example.com');
  expect(new URL(link)).toMatchObject({ origin: app.url, pathname: '/invitation', search: '' });

  const dora = await (await browser.newContext()).newPage();
  const asked: string[] = [];
  dora.on('request', (request) => asked.push(request.url()));
  await dora.goto(link);
  await expect(dora.getByRole('heading', { name: 'Ada invites you to Demo' })).toBeVisible();
  await expect(dora).toHaveURL(`${app.url}/invitation`);
  await dora.getByRole('tab', { name: 'I am new here' }).click();
  await dora.getByLabel('Name').fill('Dora');
  await expect(dora.getByLabel('Email')).toHaveValue('dora@example.com');
  await dora.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dora.getByRole('button', { name: 'Sign up' }).click();
  await expect(dora.getByText('You are signed in as Dora (dora@example.com)')).toBeVisible();
  await dora.getByRole('button', { name: 'Accept' }).click();

  await expect(dora.getByRole('heading', { name: 'Demo', level: 1 })).toBeVisible();
  await expect(liveLight(dora)).toHaveAccessibleName('Connection: Live');
  const members = ada.page.getByRole('region', { name: 'Members' });
  await expect(members.getByText('dora@example.com')).toBeVisible();
  await expect(invitationTo(ada.page, 'dora@example.com').getByText('Accepted')).toBeVisible();
  expect(ada.loads()).toBe(0);
  const secret = new URL(link).hash.slice(1);
  expect(asked.filter((url) => url.replace(/#.*/, '').includes(secret))).toEqual([]);
  expect(await dora.evaluate(() => sessionStorage.length)).toBe(0);

  const other = await (await browser.newContext()).newPage();
  await other.goto(link);
  await expect(other.getByText('was accepted already. Each link works once.')).toBeVisible();
});

test('a new link replaces the old one; a revoked invitation lets nobody in', async ({ app, browser }) => {
  const { page } = await enter(browser, app, 'ada', `/teams/${await teamId(app)}/team`);
  const first = await invite(page, 'dora@example.com');
  await page.getByRole('button', { name: 'New link for dora@example.com' }).click();
  const second = await linkOf(page);
  const guest = await (await browser.newContext()).newPage();
  await guest.goto(first);
  await expect(guest.getByRole('alert')).toBeVisible();
  await guest.goto('about:blank');
  await guest.goto(second);
  await expect(guest.getByRole('heading', { name: 'Ada invites you to Demo' })).toBeVisible();

  await page.getByRole('button', { name: 'Revoke the invitation of dora@example.com' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(invitationTo(page, 'dora@example.com').getByText('Revoked')).toBeVisible();
  await guest.goto('about:blank');
  await guest.goto(second);
  await expect(guest.getByText('This invitation was revoked')).toBeVisible();
});

test('an invitation that is declined or revoked disappears from the one screen and is told on the other', async ({
  app,
  browser,
}) => {
  const team = await teamId(app);
  const ada = await enter(browser, app, 'ada', `/teams/${team}/team`);
  const cleo = await enter(browser, app, 'cleo');
  const banner = cleo.page.getByRole('region', { name: 'Invitations to you' });
  const first = await act(ada.page, 'invitation', 'create', { teamId: team, email: 'cleo@example.com' });
  await expect(banner.getByText('Ada invites you to Demo')).toBeVisible();
  await act(ada.page, 'invitation', 'revoke', { teamId: team, id: first.id });
  await expect(banner).toBeHidden();

  await act(ada.page, 'invitation', 'create', { teamId: team, email: 'cleo@example.com' });
  await banner.getByRole('button', { name: 'Decline' }).click();
  await expect(banner).toBeHidden();
  await expect(invitationTo(ada.page, 'cleo@example.com').getByText('Declined')).toBeVisible();
  expect([ada.loads(), cleo.loads()]).toEqual([0, 0]);
});
