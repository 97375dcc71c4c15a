import type { Browser, Page } from '@playwright/test';

import { act, type App, enter, expect, liveLight, PASSWORD } from './harness.ts';
import { loadOldBuild } from './old-build.ts';
import { modelThatGetsStuck, modelWithDecision, openTask, profileId, readModel, teamId } from './records.ts';

/** What the pages are about: people at their own browsers, and work at every point it can be at. */
interface Stage {
  readonly app: App;
  readonly team: number;
  readonly nobody: Page;
  readonly ada: Page;
  readonly bo: Page;
  readonly cleo: Page;
  /** Signed up, in no team. */
  readonly eve: Page;
  readonly secret: string;
  readonly models: { draft: number; problems: number };
  readonly instances: { running: number; stuck: number; ended: number };
}

export interface Screen {
  readonly name: string;
  /** Brings one of the stage's pages there and gives it. */
  show(stage: Stage): Promise<Page>;
}

export async function setStage(browser: Browser, app: App): Promise<Stage> {
  // Taken offline at the end, which a shared stream would not notice.
  const { page: ada } = await enter(browser, app, 'ada', '/', { shares: false });
  const { page: bo } = await enter(browser, app, 'bo');
  const { page: cleo } = await enter(browser, app, 'cleo');
  const nobody = await (await browser.newContext({ baseURL: app.url })).newPage();
  const eve = await (await browser.newContext({ baseURL: app.url })).newPage();
  const signedUp = await eve.request.post('/api/auth/sign-up/email', {
    data: { name: 'Eve', email: 'eve@example.com', password: PASSWORD },
  });
  expect(signedUp.ok()).toBe(true);

  const team = await teamId(app);
  const upload = (name: string, xml: string) => act(ada, 'model', 'upload', { teamId: team, name, xml });
  const started = async (name: string, xml: string, variables: Record<string, string>) => {
    const { id } = await upload(name, xml);
    const everyone = (performer: string) => ({ performer, role: 'everyone' as const });
    await act(ada, 'model', 'deploy', {
      teamId: team,
      id,
      roles: ['Management', 'Accounting'].map(everyone),
    });
    const instance = await act(ada, 'instance', 'start', { teamId: team, modelId: id, variables });
    return instance.id;
  };
  const complete = async (name: string, data: Record<string, string | number>) => {
    const { id } = await openTask(app, name);
    await act(ada, 'task', 'complete', { teamId: team, id, data, choice: [] });
  };
  const running = await openTask(app, 'Pay the invoice');
  await started('Expenses', await modelWithDecision(), {});
  await complete('Record the invoice', { Supplier: 'Night Train', Amount: 119 });
  const stuck = await started('Travel', await modelThatGetsStuck(), { Amount: 'two thousand' });
  await complete('Record the invoice', { Supplier: 'Night Train' });
  const draft = await upload('Invoice handling', await readModel('C.1.1'));
  const problems = await upload('A.3.0', await readModel('A.3.0'));
  const ended = await app.database.db
    .selectFrom('process_instance')
    .select('id')
    .where('status', '=', 'Completed')
    .executeTakeFirstOrThrow();
  const invited = await act(ada, 'invitation', 'create', { teamId: team, email: 'eve@example.com' });

  return {
    app,
    team,
    nobody,
    ada,
    bo,
    cleo,
    eve,
    secret: invited.secret,
    models: { draft: draft.id, problems: problems.id },
    instances: { running: running.instanceId, stuck, ended: ended.id },
  };
}

/** Changes the theme as the device would, and waits until all colours have followed. */
export async function changeTheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
  await page.evaluate(async () => {
    const fading = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    await Promise.allSettled(fading.map(({ finished }) => finished));
  });
}

/** Opens an address and waits until the page has what it shows. */
async function open(page: Page, path: string, heading: string | RegExp): Promise<Page> {
  await page.goto(path);
  await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible();
  await expect(page.getByRole('status', { name: /Loading|Drawing the model/ })).toHaveCount(0);
  return page;
}

/** What another program does. */
async function renameRole({ database }: App, from: string, to: string): Promise<void> {
  await database.db.updateTable('role').set({ name: to }).where('name', '=', from).execute();
}

/** Every page of the app, in the states that look different. Those that disturb others come last. */
export const screens: readonly Screen[] = [
  { name: 'sign-in', show: ({ nobody }) => open(nobody, '/sign-in', 'Sign in') },
  { name: 'sign-up', show: ({ nobody }) => open(nobody, '/sign-up', 'Sign up') },
  {
    name: 'invitation-signed-out',
    show: ({ nobody, secret }) => open(nobody, `/invitation#${secret}`, 'Ada invites you to Demo'),
  },
  {
    name: 'invitation',
    show: ({ eve, secret }) => open(eve, `/invitation#${secret}`, 'Ada invites you to Demo'),
  },
  { name: 'no-team', show: ({ eve }) => open(eve, '/', 'Welcome, Eve') },
  {
    name: 'tasks-none-open',
    show: ({ ada, team }) => open(ada, `/teams/${team}/tasks`, 'Choose a task'),
  },
  {
    name: 'tasks',
    async show({ app, bo, team }) {
      const { path } = await openTask(app, 'Pay the invoice');
      await act(bo, 'task', 'claim', { teamId: team, id: Number(path.split('/').at(-1)) });
      return open(bo, path, 'Pay the invoice');
    },
  },
  {
    name: 'task-decision',
    async show({ app, ada }) {
      return open(ada, (await openTask(app, 'More than 1,000?')).path, 'More than 1,000?');
    },
  },
  {
    name: 'task-taken',
    async show({ app, ada, bo, team }) {
      const { id, path } = await openTask(app, 'Record the invoice');
      await open(bo, path, 'Record the invoice');
      await bo.getByLabel('Amount').fill('84.50');
      await act(ada, 'task', 'claim', { teamId: team, id });
      await expect(bo.getByText('your entries are kept')).toBeVisible();
      return bo;
    },
  },
  {
    name: 'tasks-shortcuts',
    async show({ app, ada }) {
      await open(ada, (await openTask(app, 'Approve the invoice')).path, 'Approve the invoice');
      await ada.keyboard.press('?');
      await expect(ada.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
      return ada;
    },
  },
  {
    name: 'instances',
    show: ({ ada, team }) => open(ada, `/teams/${team}/instances?filter=all`, 'Choose an instance'),
  },
  {
    name: 'instance',
    show: ({ ada, team, instances }) =>
      open(ada, `/teams/${team}/instances/${instances.running}`, 'Invoice approval'),
  },
  {
    name: 'instance-incident',
    show: ({ ada, team, instances }) => open(ada, `/teams/${team}/instances/${instances.stuck}`, 'Travel'),
  },
  {
    name: 'instance-ended',
    show: ({ ada, team, instances }) =>
      open(ada, `/teams/${team}/instances/${instances.ended}?filter=ended`, 'Invoice approval'),
  },
  {
    name: 'instance-start',
    async show({ ada, team }) {
      await open(ada, `/teams/${team}/instances`, 'Choose an instance');
      await ada.getByRole('button', { name: 'Start', exact: true }).click();
      const dialog = ada.getByRole('dialog', { name: 'Start an instance' });
      await dialog.getByRole('button', { name: 'Add a value' }).click();
      await expect(dialog.getByLabel('Name of value 1')).toBeVisible();
      return ada;
    },
  },
  {
    name: 'models',
    show: ({ ada, team, models }) => open(ada, `/teams/${team}/models/${models.draft}`, 'Invoice handling'),
  },
  {
    name: 'model-problems',
    show: ({ ada, team, models }) => open(ada, `/teams/${team}/models/${models.problems}`, 'A.3.0'),
  },
  {
    name: 'model-deploy',
    async show({ ada, team, models }) {
      await open(ada, `/teams/${team}/models/${models.draft}`, 'Invoice handling');
      await ada.getByRole('button', { name: 'Deploy' }).click();
      await expect(ada.getByRole('dialog').getByRole('combobox').first()).toBeVisible();
      return ada;
    },
  },
  {
    name: 'models-empty',
    async show({ app, cleo }) {
      return open(cleo, `/teams/${await teamId(app, 'Other')}/models`, 'No models yet');
    },
  },
  { name: 'team', show: ({ ada, team }) => open(ada, `/teams/${team}/team`, 'Demo') },
  {
    name: 'team-role',
    async show({ ada, team }) {
      await open(ada, `/teams/${team}/team`, 'Demo');
      await ada.getByRole('button', { name: 'Edit role Accounting' }).click();
      await expect(ada.getByRole('dialog', { name: 'Edit Accounting' })).toBeVisible();
      return ada;
    },
  },
  {
    name: 'team-token',
    async show({ ada, team }) {
      await act(ada, 'token', 'create', { teamId: team, name: 'Reports', days: 90 });
      await open(ada, `/teams/${team}/team`, 'Demo');
      await ada.getByRole('button', { name: 'Create token' }).click();
      await ada.getByLabel('What is it for?').fill('Dashboard');
      await ada.keyboard.press('Enter');
      await expect(ada.getByRole('dialog', { name: 'Your API token' })).toBeVisible();
      return ada;
    },
  },
  {
    name: 'team-invitation-link',
    async show({ ada, team }) {
      await open(ada, `/teams/${team}/team`, 'Demo');
      await ada.getByLabel('Email address to invite').fill('dora@example.com');
      await ada.getByRole('button', { name: 'Invite', exact: true }).click();
      await expect(ada.getByRole('dialog', { name: 'Invitation link' })).toBeVisible();
      return ada;
    },
  },
  {
    name: 'inspector',
    async show({ app, ada, bo, team, models }) {
      const { id, path } = await openTask(app, 'Pay the invoice');
      await act(bo, 'task', 'release', { teamId: team, id });
      // Its tab remembers that it is open, so it gets one of its own.
      const page = await open(await ada.context().newPage(), path, 'Pay the invoice');
      await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
      await page.keyboard.press('Control+Shift+L');
      await expect(page.getByRole('region', { name: 'Live inspector' })).toBeVisible();
      const events = page.getByRole('list', { name: 'Events' }).getByRole('button');
      await act(bo, 'task', 'claim', { teamId: team, id });
      await renameRole(app, 'Accounting', 'Bookkeeping');
      await renameRole(app, 'Bookkeeping', 'Accounting');
      await act(ada, 'model', 'remove', { teamId: team, id: models.problems });
      await expect(events).toHaveCount(4);
      await expect(events.filter({ hasText: '→' })).toHaveCount(3);
      await events.nth(0).click();
      await expect(page.getByRole('list', { name: 'Not touched' })).toBeVisible();
      return page;
    },
  },
  {
    name: 'outdated',
    async show({ ada, team }) {
      const page = await open(await ada.context().newPage(), `/teams/${team}/team`, 'Demo');
      await loadOldBuild(page, 'role_changes');
      await expect(page.getByRole('region', { name: 'Update' })).toBeVisible();
      return page;
    },
  },
  {
    name: 'doctor',
    async show({ ada }) {
      await open(ada, '/doctor', 'Connection test');
      await expect(ada.getByText('http2 on;')).toBeVisible();
      return ada;
    },
  },
  { name: 'account', show: ({ eve }) => open(eve, '/account', 'Account') },
  {
    name: 'team-removed',
    async show({ app, ada, cleo, team }) {
      const invitation = await act(ada, 'invitation', 'create', { teamId: team, email: 'cleo@example.com' });
      await act(cleo, 'invitation', 'accept', { id: invitation.id });
      await open(cleo, `/teams/${team}/team`, 'Demo');
      await act(ada, 'member', 'remove', { teamId: team, profileId: await profileId(app, 'cleo') });
      await expect(cleo.getByRole('heading', { name: 'You are no longer a member of Demo' })).toBeVisible();
      return cleo;
    },
  },
  {
    name: 'signed-out-in-place',
    async show({ app, bo, team }) {
      await open(bo, `/teams/${team}/tasks`, 'Choose a task');
      await app.database.db
        .deleteFrom('session')
        .where('profile_id', '=', await profileId(app, 'bo'))
        .execute();
      await expect(bo.getByRole('dialog', { name: 'Sign in again' })).toBeVisible();
      return bo;
    },
  },
  {
    name: 'offline',
    async show({ ada, team, instances }) {
      await open(ada, `/teams/${team}/instances/${instances.running}`, 'Invoice approval');
      await ada.context().setOffline(true);
      await expect(liveLight(ada)).toHaveAccessibleName('Connection: Offline');
      await liveLight(ada).click();
      await expect(ada.getByText('This device is offline.', { exact: true })).toBeVisible();
      return ada;
    },
  },
];
