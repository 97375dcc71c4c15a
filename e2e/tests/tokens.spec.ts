import type { Page } from '@playwright/test';

import { act, enter, expect, test } from '../harness.ts';
import { profileId, teamId } from '../records.ts';

const section = (page: Page) => page.getByRole('region', { name: 'API tokens' });
const tokens = (page: Page) => section(page).getByRole('listitem');

/** Creates a token by the form; gives what the dialog shows this one time, and leaves it open. */
async function create(page: Page, name: string): Promise<string> {
  await section(page).getByRole('button', { name: 'Create token' }).click();
  await page.getByLabel('What is it for?').fill(name);
  await page.keyboard.press('Enter');
  return page.getByRole('dialog', { name: 'Your API token' }).getByLabel('API token').inputValue();
}

/** The plain stream, as a script reads it: what has come so far, and how it ended. */
async function listen(url: string, token: string) {
  const response = await fetch(`${url}/api/realtime`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
  const heard = { text: '', ended: false };
  const read = async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) heard.text += chunk;
    heard.ended = true;
  };
  void read();
  return heard;
}

test('a token is shown once, opens the stream to a script, and ends it when another owner revokes it', async ({
  app,
  browser,
}) => {
  const team = await teamId(app);
  const ada = await enter(browser, app, 'ada', `/teams/${team}/team`);
  await act(ada.page, 'member', 'setOwner', {
    teamId: team,
    profileId: await profileId(app, 'bo'),
    isOwner: true,
  });
  const bo = await enter(browser, app, 'bo', `/teams/${team}/team`);
  await expect(section(ada.page).getByText('No program reads this team.')).toBeVisible();

  await ada.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: app.url });
  const token = await create(ada.page, 'Reports');
  expect(token).toMatch(/^pf_[\w-]{43}$/);
  const dialog = ada.page.getByRole('dialog', { name: 'Your API token' });
  await expect(
    dialog.getByText(`PROCESSFLOW_TOKEN=${token} npm run --silent processflow -- tail --url ${app.url}`),
  ).toBeVisible();
  await ada.page.mouse.click(5, 5);
  await dialog.getByRole('button', { name: 'Copy token' }).click();
  await expect(dialog.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe(token);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toBeHidden();
  expect(await ada.page.content()).not.toContain(token);

  for (const { page } of [ada, bo]) {
    await expect(tokens(page)).toHaveText([
      new RegExp(`Reports …${token.slice(-4)}.*by Ada.*never used, ends`),
    ]);
  }
  const heard = await listen(app.url, token);
  await expect.poll(() => heard.text).toContain('event: position');
  await act(ada.page, 'team', 'rename', { teamId: team, name: 'Renamed' });
  await expect.poll(() => heard.text).toContain('"name":"Renamed"');

  await tokens(bo.page).getByRole('button', { name: 'Revoke Reports' }).click();
  await bo.page.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click();
  for (const { page } of [ada, bo]) await expect(tokens(page)).toHaveCount(0);
  await expect.poll(() => heard.ended).toBe(true);
  expect(heard.text).toContain('This API token was revoked.');
  const again = await fetch(`${app.url}/api/realtime`, { headers: { authorization: `Bearer ${token}` } });
  expect(again.status).toBe(401);
  expect([ada.loads(), bo.loads()]).toEqual([0, 0]);
});

test('only owners see tokens; a token rests while its maker is none', async ({ app, browser }) => {
  const team = await teamId(app);
  const bosId = await profileId(app, 'bo');
  const ada = await enter(browser, app, 'ada', `/teams/${team}/team`);
  const bo = await enter(browser, app, 'bo', `/teams/${team}/team`);
  const setOwner = (isOwner: boolean) =>
    act(ada.page, 'member', 'setOwner', { teamId: team, profileId: bosId, isOwner });
  await expect(bo.page.getByRole('region', { name: 'Members' })).toBeVisible();
  await expect(section(bo.page)).toBeHidden();
  await setOwner(true);
  await expect(section(bo.page)).toBeVisible();
  await create(bo.page, 'Bo’s');
  await expect(tokens(ada.page)).toHaveText([/Bo’s/]);
  await setOwner(false);
  await expect(section(bo.page)).toBeHidden();
  await expect(tokens(ada.page).getByText('Resting')).toBeVisible();
  await expect(tokens(ada.page)).toContainText('It opens nothing as long as Bo is no owner of this team.');
  expect([ada.loads(), bo.loads()]).toEqual([0, 0]);
});

test('where there are too many, the dialog says so and keeps what was entered', async ({ app, browser }) => {
  const team = await teamId(app);
  await app.database.pool.query(
    `insert into api_token (team_id, created_by, name, token_hash, hint, expires_at)
      select $1, $2, 'Made ' || n, 'hash ' || n, 'hint', now() - interval '1 day' from generate_series(1, 50) n`,
    [team, await profileId(app, 'ada')],
  );
  const { page } = await enter(browser, app, 'ada', `/teams/${team}/team`);
  await expect(tokens(page)).toHaveCount(50);
  await expect(tokens(page).first().getByText('Expired')).toBeVisible();
  await section(page).getByRole('button', { name: 'Create token' }).click();
  await page.getByLabel('What is it for?').fill('One more');
  await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByRole('alert')).toContainText('A team has at most 50 API tokens.');
  await expect(page.getByLabel('What is it for?')).toHaveValue('One more');
});

test('on a phone nothing of it is wider than the screen', async ({ app, browser }) => {
  const path = `/teams/${await teamId(app)}/team`;
  const { page } = await enter(browser, app, 'ada', path, { viewport: { width: 360, height: 740 } });
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await create(page, 'A name that is rather long, so that the row has to break or to shorten it');
  const dialog = page.getByRole('dialog', { name: 'Your API token' });
  const box = await dialog.boundingBox();
  expect(box!.x).toBeGreaterThanOrEqual(0);
  expect(box!.x + box!.width).toBeLessThanOrEqual(360);
  for (const name of ['Done', 'Copy command', 'Copy token']) {
    const button = await dialog.getByRole('button', { name }).boundingBox();
    expect(button!.x + button!.width, name).toBeLessThanOrEqual(box!.x + box!.width);
  }
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(tokens(page)).toHaveCount(1);
  expect(await overflow()).toBe(0);
});
