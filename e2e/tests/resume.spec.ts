import type { Browser, Page } from '@playwright/test';

import { act, answerTo, type App, enterUnseen, expect, liveLight, place, test } from '../harness.ts';
import { openTask, profileId, teamId } from '../records.ts';

/** Which queries the page asks, from now on. */
function followQueries(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    const names = /^\/api\/trpc\/(.*)$/.exec(pathname)?.[1] ?? '';
    if (request.method() !== 'GET' || names === '' || names === 'realtime.changes') return;
    asked.push(...decodeURIComponent(names).split(','));
  });
  return asked;
}

/** What a task's change touches on the page of tasks; and so nothing of teams, models or invitations. */
const TOUCHED_BY_A_TASK = ['task.list', 'task.get', 'role.list', 'instance.list', 'instance.get'];

/** In the page: whether the browser has fetched that part of the app, and all that was announced with it. */
function hasModelsPage(): boolean {
  const fetched = performance.getEntriesByType('resource').map(({ name }) => name);
  const announced = [...document.querySelectorAll<HTMLLinkElement>('link[rel=modulepreload]')];
  return ['/assets/model-', ...announced.map(({ href }) => href)].every((part) =>
    fetched.some((name) => name.includes(part)),
  );
}

function setVisibility(state: DocumentVisibilityState): void {
  Object.defineProperty(document, 'visibilityState', { configurable: true, value: state });
  document.dispatchEvent(new Event('visibilitychange'));
}

interface Break {
  lose(page: Page, app: App): Promise<void>;
  mend(page: Page, app: App): Promise<void>;
  /** What the light says of it. */
  readonly says: string;
  /** Without a worker the page has a stream of its own: what a test takes from a page it does not take from that. */
  readonly alone?: boolean;
}

const breaks: Record<string, Break> = {
  'that loses its network': {
    lose: (page) => page.context().setOffline(true),
    mend: (page) => page.context().setOffline(false),
    says: 'Offline',
    alone: true,
  },
  'whose server is started anew': {
    lose: (_page, app) => app.stop(),
    mend: (_page, app) => app.restart(),
    says: 'Offline',
  },
  'that nobody sees for so long that it leaves its stream': {
    // Chromium without a window never hides a tab, so the page is told so.
    lose: (page) => page.evaluate(setVisibility, 'hidden' as const),
    mend: (page) => page.evaluate(setVisibility, 'visible' as const),
    says: 'Reconnecting',
  },
};

async function open(browser: Browser, app: App, name: string, path: string, alone = false) {
  const context = await enterUnseen(browser, app, name);
  if (alone) await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
  const page = await context.newPage();
  const lastQuery = answerTo(page, 'member.list');
  await page.goto(path);
  await lastQuery;
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  let loads = 0;
  page.on('load', () => (loads += 1));
  return { page, loads: () => loads };
}

for (const [name, { lose, mend, says, alone }] of Object.entries(breaks)) {
  test(`a page ${name} goes on without fetching anything again`, async ({ app, browser }) => {
    const team = await teamId(app);
    const { page, loads } = await open(browser, app, 'bo', `/teams/${team}/tasks`, alone);
    const task = await openTask(app, 'Record the invoice');
    await expect(page.getByRole('link', { name: /Record the invoice/ })).toBeVisible();
    await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
    const asked = followQueries(page);

    await lose(page, app);
    await expect(liveLight(page)).toHaveAccessibleName(`Connection: ${says}`, { timeout: 30_000 });
    await mend(page, app);
    await expect(liveLight(page)).toHaveAccessibleName('Connection: Live', { timeout: 40_000 });
    expect(asked).toEqual([]);

    // What changes from now on is seen: whatever a resync would have caused has been asked for before that.
    const ada = await enterUnseen(browser, app, 'ada');
    await act(ada, 'task', 'claim', { teamId: team, id: task.id });
    await expect(page.getByText('taken by Ada')).toBeVisible();
    expect(asked.filter((query) => !TOUCHED_BY_A_TASK.includes(query))).toEqual([]);
    expect(loads()).toBe(0);
  });

  test(`a page ${name} gets what changed meanwhile, and fetches only that`, async ({ app, browser }) => {
    const team = await teamId(app);
    const { page, loads } = await open(browser, app, 'bo', `/teams/${team}/tasks`, alone);
    const task = await openTask(app, 'Record the invoice');
    await expect(page.getByRole('link', { name: /Record the invoice/ })).toBeVisible();
    await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
    const asked = followQueries(page);

    await lose(page, app);
    await expect(liveLight(page)).toHaveAccessibleName(`Connection: ${says}`, { timeout: 30_000 });
    // By another program, so that it happens also while no server is there.
    await app.database.db
      .updateTable('flow_element_instance')
      .set({ claimed_by: await profileId(app, 'ada'), claimed_at: new Date() })
      .where('id', '=', task.id)
      .execute();
    await mend(page, app);
    await expect(page.getByText('taken by Ada')).toBeVisible({ timeout: 40_000 });
    await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
    expect(new Set(asked).difference(new Set(TOUCHED_BY_A_TASK))).toEqual(new Set());
    expect(asked).toContain('task.list');
    expect(loads()).toBe(0);
  });
}

test('what could not be fetched without a connection comes with it', async ({ app, browser }) => {
  const team = await teamId(app);
  const { page } = await open(browser, app, 'ada', `/teams/${team}/tasks`, true);
  await expect(place(page, 'Models')).toBeVisible();
  // What shows models is there, the models are not.
  await expect.poll(() => page.evaluate(hasModelsPage)).toBe(true);
  await page.context().setOffline(true);
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Offline');
  await place(page, 'Models').click();
  await expect(page.getByRole('alert')).toContainText('The server cannot be reached');
  await page.context().setOffline(false);
  await expect(page.getByRole('list', { name: 'Models' }).getByRole('link')).toHaveCount(1);
  await expect(page.getByRole('alert')).toBeHidden();
});
