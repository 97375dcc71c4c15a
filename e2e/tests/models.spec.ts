import { fileURLToPath } from 'node:url';

import type { Page } from '@playwright/test';

import { act, enter, expect, place, test } from '../harness.ts';
import { modelWithDecision, openTask, teamId } from '../records.ts';

const REFUSED = fileURLToPath(new URL('../models/A.3.0.bpmn', import.meta.url));
const SUB_PROCESS = '_1ae31d1b-2559-4f78-a3ec-47986a49db48';
const ON_THE_BORDER = ['_428dcbf5-8e5e-48e0-9c0c-d93003fa8c82', '_178e16eb-4c9e-4ea0-9644-7c5fb2b71825'];

const drawn = (page: Page, elementId: string) => page.locator(`.djs-element[data-element-id="${elementId}"]`);

test('a model with problems is refused: each element is named with its reason, listed and drawn', async ({
  app,
  browser,
}) => {
  const team = await teamId(app);
  const { page } = await enter(browser, app, 'ada', `/teams/${team}/models`);
  await page.locator('input[type=file]').first().setInputFiles(REFUSED);
  await expect(page.getByRole('heading', { name: 'A.3.0' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Deploy' })).toBeDisabled();

  const problems = page.getByRole('region', { name: '3 problems: this model cannot be deployed yet' });
  await expect(problems.getByRole('listitem')).toHaveCount(3);
  const ofElement = (id: string) => problems.getByRole('listitem').filter({ hasText: id });
  await expect(ofElement(SUB_PROCESS)).toContainText('Collapsed Sub-Process');
  await expect(ofElement(SUB_PROCESS)).toContainText('A sub-process cannot run yet');
  for (const id of ON_THE_BORDER) {
    await expect(ofElement(id)).toContainText('Boundary Intermediate Event');
    await expect(ofElement(id)).toContainText('An event on the border of a task');
  }
  for (const id of [SUB_PROCESS, ...ON_THE_BORDER]) await expect(drawn(page, id)).toHaveClass(/pf-problem/);
  const marks = page.getByRole('group', { name: 'Diagram of A.3.0' }).getByRole('img', { name: /Problem/ });
  await expect(marks).toHaveCount(3);
  await problems.getByRole('button', { name: /Collapsed Sub-Process/ }).click();
  await expect(drawn(page, SUB_PROCESS)).toHaveClass(/pf-selected/);

  await page.getByRole('button', { name: 'Show as list of steps' }).click();
  const steps = page.getByRole('list', { name: 'Steps of the model' });
  await expect(steps.getByRole('listitem').filter({ hasText: 'A sub-process cannot run yet' })).toHaveCount(
    1,
  );

  // The server holds to it, whatever a screen lets through, and names the elements by their ids.
  const id = Number(new URL(page.url()).pathname.split('/').at(-1));
  const answer = await page.request.post('/api/trpc/model.deploy', { data: { teamId: team, id, roles: [] } });
  expect(answer.ok()).toBe(false);
  const refusal = await answer.text();
  for (const element of [SUB_PROCESS, ...ON_THE_BORDER]) expect(refusal).toContain(element);
});

test('a file that is no model says so, and what was there stays', async ({ app, browser }) => {
  const { page } = await enter(browser, app, 'ada', `/teams/${await teamId(app)}/models`);
  const files = ['not really.bpmn', 'cut off.bpmn'].map((name, index) => ({
    name,
    mimeType: 'text/xml',
    buffer: Buffer.from(index === 0 ? 'Dear all, please find attached' : '<definitions><process'),
  }));
  await page.locator('input[type=file]').first().setInputFiles(files);
  const uploads = page.getByRole('region', { name: 'Uploads' });
  await expect(uploads.getByText('Uploaded', { exact: true })).toBeVisible();
  for (const { name } of files) await expect(uploads.getByText(name)).toBeVisible();
  await expect(uploads.getByText(/ready to deploy/)).toHaveCount(0);
  await expect(page.getByRole('list', { name: 'Models' }).getByRole('link')).toHaveCount(1);
  await uploads.getByRole('button', { name: 'Dismiss uploads' }).click();
  await expect(uploads).toBeHidden();
});

test('a team without models is offered an example, with which it comes to a running process', async ({
  app,
  browser,
}) => {
  const { page, loads } = await enter(browser, app, 'cleo', `/teams/${await teamId(app, 'Other')}/models`);
  await page.getByRole('button', { name: 'Try the example' }).click();
  await expect(page.getByRole('heading', { name: 'Invoice approval' })).toBeVisible();
  await page.getByRole('button', { name: 'Deploy' }).click();
  const dialog = page.getByRole('dialog', { name: /^Deploy Invoice approval/ });
  await expect(dialog.getByRole('combobox', { name: 'Accounting' })).toHaveValue(
    'Create the role “Accounting”',
  );
  await dialog.getByRole('button', { name: 'Deploy' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('table', { name: 'Who does it' }).getByText('Accounting')).toHaveCount(2);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
  await expect(page).toHaveURL(/instances\/\d+$/);

  // The step that waits is drawn so, and leads to its task.
  await expect(drawn(page, 'record')).toHaveClass(/pf-active/);
  await page
    .getByRole('group', { name: 'Diagram of Invoice approval' })
    .getByRole('button', { name: /Record the invoice/ })
    .click();
  await expect(page.getByRole('heading', { name: 'Record the invoice' })).toBeVisible();
  await expect(page).toHaveURL(/tasks\/\d+\?filter=all$/);
  await page.goBack();
  await expect(page).toHaveURL(/instances\/\d+$/);
  expect(loads()).toBe(0);
});

test('where no condition can be read, a person decides by the names of the ways', async ({
  app,
  browser,
}) => {
  const team = await teamId(app);
  const { page, loads } = await enter(browser, app, 'ada', `/teams/${team}/tasks`);
  const xml = await modelWithDecision();
  const { id: modelId } = await act(page, 'model', 'upload', { teamId: team, name: 'Expenses', xml });
  const roles = ['Management', 'Accounting'].map((performer) => ({ performer, role: 'everyone' as const }));
  await act(page, 'model', 'deploy', { teamId: team, id: modelId, roles });
  await act(page, 'instance', 'start', { teamId: team, modelId, variables: {} });
  const { id } = await openTask(app, 'Record the invoice');
  const data = { Supplier: 'Night Train', Amount: 119 };
  await act(page, 'task', 'complete', { teamId: team, id, data, choice: [] });

  await page
    .getByRole('list', { name: 'Tasks' })
    .getByRole('link', { name: /More than 1,000\?/ })
    .click();
  await page.getByRole('button', { name: 'Complete' }).click();
  await expect(page.getByText('Choose how it goes on')).toBeVisible();
  // Through the gateways without a name, to what one knows it by.
  await expect(page.getByRole('radio', { name: 'no' })).toHaveAccessibleDescription(
    'to Pay the invoice and File the invoice',
  );
  await page.getByRole('radio', { name: 'yes' }).check();
  await page.getByRole('button', { name: 'Complete' }).click();
  await expect(page.getByText(/^Completed\. Next: /)).toBeVisible();
  await expect(page.getByRole('list', { name: 'Tasks' })).toContainText('Approve the invoice');
  expect((await openTask(app, 'Approve the invoice')).instanceId).toBeGreaterThan(0);
  await expect(place(page, 'Tasks')).toHaveAttribute('aria-current', 'page');
  expect(loads()).toBe(0);
});
