import type { BrowserContext, Page } from '@playwright/test';

import { enter, enterUnseen, expect, liveLight, place, test, withoutSharing } from '../harness.ts';
import { teamId } from '../records.ts';

const PAGE_OF_MODELS = /\/assets\/model-[^/]*\.js$/;
const DRAWING = /\/assets\/drawing-[^/]*\.js$/;

/** While `lost`, the server does not have what matches. */
async function lose(context: BrowserContext, what: RegExp) {
  const state = { lost: true };
  await context.route(what, (route) => (state.lost ? route.fulfill({ status: 404 }) : route.continue()));
  return state;
}

/** Keeps from the page what matches, and leaves it the browser's cache, which a route would take from it. */
async function block(page: Page, what: string) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setBlockedURLs', { urls: [what] });
  return { lift: () => session.send('Network.setBlockedURLs', { urls: [] }) };
}

/** In the page: which of its parts the browser has not fetched whole. */
function missingChunks(): string[] {
  const fetched = performance.getEntriesByType('resource').map(({ name }) => name);
  const announced = [...document.querySelectorAll<HTMLLinkElement>('link[rel=modulepreload]')];
  const isFetched = (part: string) => fetched.some((name) => name.includes(part));
  const parts = ['/assets/drawing-', '/assets/model-', ...announced.map(({ href }) => href)];
  return parts.filter((part) => !isFetched(part));
}

test('a page that was not open yet opens without a connection, as it was fetched before', async ({
  app,
  browser,
}) => {
  const { page, loads } = await enter(browser, app, 'ada', '/', { shares: false });
  await expect(page).toHaveURL(/tasks$/);
  await expect.poll(() => page.evaluate(missingChunks), { timeout: 10_000 }).toEqual([]);
  await page.context().setOffline(true);
  await place(page, 'Models').click();
  await expect(page.getByRole('heading', { name: 'Models', level: 1 })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('The server cannot be reached');
  expect(loads()).toBe(0);
});

test('a page that could not be fetched says so, and comes by itself with the connection', async ({
  app,
  browser,
}) => {
  const context = await enterUnseen(browser, app, 'ada');
  await withoutSharing(context);

  const page = await context.newPage();
  const models = await block(page, '*/assets/model-*.js');
  await page.goto('/');
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  await context.setOffline(true);
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Offline');
  await place(page, 'Models').click();
  const alert = page.getByRole('alert').filter({ hasText: 'This page cannot be reached just now' });
  await expect(alert).toBeVisible();
  let loads = 0;
  page.on('load', () => (loads += 1));
  // Whether the server answers is asked last; were it back by then, the page would be loaded anew.
  const unanswered = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/healthz'));
  await alert.getByRole('button', { name: 'Try again' }).click();
  await unanswered;
  await expect(alert).toBeVisible();

  await models.lift();
  await context.setOffline(false);
  await expect(page.getByRole('heading', { name: 'Models', level: 1 })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Models' }).getByRole('link')).toHaveCount(1);
  expect(loads).toBe(0);
});

test('after a new version was put up, trying again loads the page anew', async ({ app, browser }) => {
  const context = await enterUnseen(browser, app, 'ada');

  const models = await lose(context, PAGE_OF_MODELS);
  const page = await context.newPage();
  await page.goto(`/teams/${await teamId(app)}/models`);
  const alert = page.getByRole('alert').filter({ hasText: 'This page cannot be reached just now' });
  await expect(alert).toBeVisible();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  await expect(alert).toBeVisible();
  // The page that is loaded anew names the parts that are there now.
  const anew = page
    .waitForRequest((request) => request.isNavigationRequest())
    .then(() => (models.lost = false));
  await alert.getByRole('button', { name: 'Try again' }).click();
  await anew;
  await expect(page.getByRole('heading', { name: 'Models', level: 1 })).toBeVisible();
});

test('without what draws a model, its steps are there in words', async ({ app, browser }) => {
  const context = await enterUnseen(browser, app, 'ada');

  const drawing = await lose(context, DRAWING);
  const page = await context.newPage();
  await page.goto(`/teams/${await teamId(app)}/models`);
  await page.getByRole('list', { name: 'Models' }).getByRole('link').first().click();
  const alert = page.getByRole('alert').filter({ hasText: 'The drawing cannot be reached just now' });
  await expect(alert).toBeVisible();
  await expect(page.getByRole('list', { name: 'Steps of the model' })).toBeVisible();
  drawing.lost = false;
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('toolbar', { name: 'Diagram view' })).toBeVisible();
  await expect(alert).toBeHidden();
});
