import { fileURLToPath } from 'node:url';

import type { Page } from '@playwright/test';

import { expect, signIn, test } from '../harness.ts';

const INVOICE = fileURLToPath(new URL('../models/C.1.1.bpmn', import.meta.url));

/** What one person does, the other sees within this time. */
const LIVE = { timeout: 2_000 };

const nav = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name }).first();

test('two people, two browsers: each sees at once what the other does, without a reload', async ({
  app,
  browser,
}) => {
  const ada = await signIn(browser, app, 'ada');
  const cleo = await signIn(browser, app, 'cleo');
  const [a, b] = [ada.page, cleo.page];

  await test.step('Ada invites Cleo, who sees it appear and accepts', async () => {
    await nav(a, 'Team').click();
    await a.getByLabel('Email address to invite').fill('cleo@example.com');
    await a.getByRole('button', { name: 'Invite', exact: true }).click();
    const banner = b.getByRole('region', { name: 'Invitations to you' });
    await expect(banner.getByText('Demo')).toBeVisible(LIVE);
    await a.getByRole('button', { name: 'Done' }).click();
    await banner.getByRole('button', { name: 'Accept' }).click();
    const members = a.getByRole('region', { name: 'Members' });
    await expect(members.getByText('Cleo', { exact: true })).toBeVisible(LIVE);
    await expect(b.getByRole('heading', { name: 'Demo', exact: true })).toBeVisible(LIVE);
  });

  await test.step('Ada gives Cleo a role, which opens a page to her', async () => {
    await expect(nav(b, 'Tasks')).toBeHidden();
    await a.getByRole('button', { name: 'Roles of Cleo' }).click();
    await a.getByRole('menuitemcheckbox', { name: 'Accounting' }).click();
    await a.keyboard.press('Escape');
    await expect(nav(b, 'Tasks')).toBeVisible(LIVE);
    await nav(b, 'Tasks').click();
  });

  await test.step('Ada uploads a model from outside, deploys and starts it', async () => {
    await nav(a, 'Models').click();
    await a.locator('input[type=file]').first().setInputFiles(INVOICE);
    await expect(a.getByRole('heading', { name: /Invoice Handling/ })).toBeVisible();
    await a.getByRole('button', { name: 'Deploy' }).click();
    const dialog = a.getByRole('dialog');
    const performers = dialog.getByRole('combobox');
    await expect(performers).toHaveCount(3);
    for (const performer of await performers.all()) {
      await performer.click();
      await a.getByRole('option', { name: 'Accounting', exact: true }).click();
    }
    await dialog.getByRole('button', { name: 'Deploy' }).click();
    await a.getByRole('button', { name: 'Start', exact: true }).click();
    await a.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
    await expect(a).toHaveURL(/instances\/\d+$/);
  });

  await test.step('Cleo sees the task appear and completes it; Ada sees the diagram move on', async () => {
    const task = b.getByRole('link', { name: /Assign Approver/ });
    await expect(task).toBeVisible(LIVE);
    await task.click();
    await b.getByRole('textbox', { name: 'approver' }).fill('Cleo');
    const steps = a.getByRole('region', { name: /Steps/ });
    await expect(steps.getByText('Approve Invoice')).toBeHidden();
    await b.getByRole('button', { name: 'Complete' }).click();
    await expect(steps.getByText('Approve Invoice').first()).toBeVisible(LIVE);
    await expect(a.locator('.djs-element[data-element-id="approveInvoice"]')).toHaveClass(/active/, LIVE);
    await expect(a.locator('.djs-element[data-element-id="assignApprover"]')).toHaveClass(/done/, LIVE);
  });

  await test.step('A change made by another database client alone appears on both screens', async () => {
    await app.database.pool.query(
      `UPDATE flow_element_instance f SET claimed_by = p.id, claimed_at = now()
       FROM profile p, flow_element e WHERE p.email = 'bo@example.com' AND e.id = f.instance_of
         AND e.element_id = 'approveInvoice' AND f.status = 'Active'`,
    );
    const row = b.getByRole('link', { name: /Approve Invoice/ }).first();
    await expect(row.getByText('Bo')).toBeVisible(LIVE);
    await expect(a.getByRole('region', { name: /Steps/ }).getByText(/Bo/).first()).toBeVisible(LIVE);
  });

  await test.step('Ada removes Cleo, who hears nothing more, and is told so', async () => {
    await nav(a, 'Team').click();
    await a.getByRole('button', { name: 'Actions for Cleo' }).click();
    await a.getByRole('menuitem', { name: 'Remove from the team' }).click();
    await a.getByRole('button', { name: 'Remove Cleo' }).click();
    await expect(b.getByRole('heading', { name: /no longer a member of Demo/ })).toBeVisible(LIVE);
    const asked: string[] = [];
    b.on('request', (request) => asked.push(request.url()));
    await app.database.pool.query(
      `UPDATE role SET colour = 'red'; UPDATE team SET name = 'Other!' WHERE name = 'Other'`,
    );
    // The event of her own team comes after those of the one she left.
    await expect.poll(() => asked.length, LIVE).toBeGreaterThan(0);
    expect(asked.filter((url) => !/team\.mine|invitation\.mine/.test(url))).toEqual([]);
  });

  expect([ada.loads(), cleo.loads()]).toEqual([0, 0]);
});
