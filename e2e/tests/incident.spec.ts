import { act, enter, enterUnseen, expect, test } from '../harness.ts';
import { modelThatGetsStuck, openTask, teamId } from '../records.ts';

test('a condition that fails: says why, and after the value is corrected it goes on', async ({
  app,
  browser,
}) => {
  const team = await teamId(app);
  const ada = await enterUnseen(browser, app, 'ada');
  const xml = await modelThatGetsStuck();
  const { id: modelId } = await act(ada, 'model', 'upload', { teamId: team, name: 'Travel', xml });
  const roles = ['Management', 'Accounting'].map((performer) => ({ performer, role: 'everyone' as const }));
  await act(ada, 'model', 'deploy', { teamId: team, id: modelId, roles });

  const bo = await enter(browser, app, 'bo', `/teams/${team}/instances`);
  const { page } = bo;
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Start an instance' });
  await expect(dialog.getByRole('combobox', { name: 'Model' })).toHaveValue('Travel, version 1');
  await dialog.getByRole('button', { name: 'Add a value' }).click();
  await dialog.getByLabel('Name of value 1').fill('Amount');
  await dialog.getByLabel('Value of Amount').fill('two thousand');
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page).toHaveURL(/instances\/\d+$/);

  const { id } = await openTask(app, 'Record the invoice');
  await act(ada, 'task', 'complete', { teamId: team, id, data: { Supplier: 'Night Train' }, choice: [] });
  const banner = page.getByRole('alert').filter({ hasText: 'This instance is stuck' });
  await expect(banner).toContainText('More than 1,000?');
  await expect(banner).toContainText('“Amount” is the text “two thousand”, but is compared with a number');
  const gateway = page.locator('.djs-element[data-element-id="size"]');
  await expect(gateway).toHaveClass(/pf-incident/);
  const row = page.getByRole('list', { name: 'Instances' }).getByRole('link', { name: /^Travel/ });
  await expect(row.getByText('Stuck')).toBeVisible();

  // As long as nothing was corrected, trying again says the same.
  await banner.getByRole('button', { name: 'Retry' }).click();
  await expect(banner).toContainText('“Amount” is the text “two thousand”');

  await page.getByRole('button', { name: 'Correct values' }).click();
  const values = page.getByRole('form', { name: 'Correct values' });
  await values.getByLabel('Type of Amount').selectOption('Number');
  await values.getByLabel('Value of Amount').fill('many');
  await values.getByRole('button', { name: 'Save values' }).click();
  await expect(values.getByText('Enter a number, with a point for decimals: 12.5')).toBeVisible();
  await values.getByLabel('Value of Amount').fill('2000');
  await values.getByRole('button', { name: 'Save values' }).click();
  await expect(page.getByRole('table', { name: 'Values' }).getByText('2,000')).toBeVisible();
  await banner.getByRole('button', { name: 'Retry' }).click();
  await expect(banner).toBeHidden();
  await expect(gateway).toHaveClass(/pf-done/);
  await expect(page.locator('.djs-element[data-element-id="approve"]')).toHaveClass(/pf-active/);
  await expect(row.getByText('Running')).toBeVisible();

  await page.getByRole('button', { name: 'Cancel instance' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the instance' }).click();
  await expect(row).toBeHidden();
  await expect(
    page.getByRole('region', { name: 'Instance', exact: true }).getByText('Cancelled').first(),
  ).toBeVisible();
  expect(bo.loads()).toBe(0);
});
