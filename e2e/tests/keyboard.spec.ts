import type { Locator, Page } from '@playwright/test';

import { enter, expect, PASSWORD, place, test } from '../harness.ts';
import { openTask } from '../records.ts';

test('everything by keyboard: sign in, find a task, claim, fill in, complete, go on with the next', async ({
  app,
  page,
}) => {
  const { keyboard } = page;
  await page.goto(app.url);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expectFocus(page.getByLabel('Email'));
  await keyboard.type('bo@example.com');
  await reach(page, page.getByLabel('Password', { exact: true }));
  await keyboard.type(PASSWORD);
  await keyboard.press('Enter');

  await expect(page).toHaveURL(/\/tasks$/);
  const tasks = page.getByRole('list', { name: 'Tasks' }).getByRole('link');
  await expect(tasks).toHaveCount(2);
  const [pay, record] = [tasks.nth(0), tasks.nth(1)];
  await expect(pay).toHaveAccessibleName(/^Pay the invoice/);
  await keyboard.press('j');
  await expectFocus(pay);
  await keyboard.press('j');
  await expectFocus(record);
  await keyboard.press('k');
  await expectFocus(pay);
  await keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Pay the invoice' })).toBeVisible();
  // The row keeps the focus, so that j and k go on.
  await expectFocus(pay);

  await keyboard.press('c');
  await expect(page.getByRole('button', { name: 'Release' })).toBeVisible();
  await expect(pay.getByText('taken by Bo (you)')).toBeVisible();
  await reach(page, page.getByLabel('Paid on'));
  await keyboard.type('11232026');
  await keyboard.press('Control+Enter');

  const next = page.getByRole('heading', { name: 'Record the invoice' });
  await expect(next).toBeFocused();
  await expect(page.getByText('Completed. Next: Record the invoice')).toBeVisible();
  await expect(page).toHaveURL(app.url + (await openTask(app, 'Record the invoice')).path);
  await expect(tasks).toHaveCount(1);
});

test('a key that is pressed in a field is typed, not obeyed', async ({ app, browser }) => {
  const { page } = await enter(browser, app, 'bo', (await openTask(app, 'Record the invoice')).path);
  await page.getByLabel('Supplier').fill('');
  await page.getByLabel('Supplier').press('c');
  await page.keyboard.type('jk?');
  await expect(page.getByLabel('Supplier')).toHaveValue('cjk?');
  await expect(page.getByRole('button', { name: 'Claim' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('? lists what the keys do on this page; closing it gives the focus back', async ({ app, browser }) => {
  const { page } = await enter(browser, app, 'bo', (await openTask(app, 'Record the invoice')).path);
  await expect(page.getByRole('heading', { name: 'Record the invoice' })).toBeVisible();
  const link = place(page, 'Instances');
  await link.focus();
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (const [label, keys] of [
    ['Next task', 'J'],
    ['Previous task', 'K'],
    ['Claim the open task', 'C'],
    ['Complete the open task', 'CtrlEnter'],
    ['Show this list', '?'],
  ] as const) {
    await expect(dialog.getByRole('row', { name: label })).toHaveText(`${label}${keys}`);
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(link).toBeFocused();
});

test('the way past the header: skip to the content', async ({ app, browser }) => {
  const { page } = await enter(browser, app, 'bo', (await openTask(app, 'Record the invoice')).path);
  const address = page.url();
  await page.keyboard.press('Tab');
  await expectFocus(page.getByRole('link', { name: 'Skip to content' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  expect(page.url()).toBe(address);
});

test('when someone else completes the task that has the focus, the focus goes to the one in its place', async ({
  app,
  browser,
}) => {
  const { path } = await openTask(app, 'Pay the invoice');
  const { page } = await enter(browser, app, 'ada', path.replace(/\/\d+$/, '?filter=all'));
  const tasks = page.getByRole('list', { name: 'Tasks' }).getByRole('link');
  await expect(tasks).toHaveCount(3);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expectFocus(tasks.nth(1));
  const gone = await tasks.nth(1).getAttribute('href');
  await app.database.pool.query(`UPDATE flow_element_instance SET status = 'Cancelled' WHERE id = $1`, [
    gone?.match(/tasks\/(\d+)/)?.[1],
  ]);
  await expect(tasks).toHaveCount(2);
  await expectFocus(tasks.nth(1));
});

/** Goes on with Tab until the element has the focus. */
async function reach(page: Page, target: Locator): Promise<void> {
  for (let tabs = 0; tabs < 40; tabs += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return expectFocus(target);
    await page.keyboard.press('Tab');
  }
  throw new Error('Forty times Tab did not lead there.');
}

/** The focus is there, and can be seen: by a ring around it or, in a field, by its border. */
async function expectFocus(target: Locator): Promise<void> {
  await expect(target).toBeFocused();
  const look = () =>
    target.evaluate(async (element) => {
      // A field with a button in it has its border on the element around both.
      const box = element.closest('.mantine-Input-wrapper') ?? element;
      const parts = [element, ...box.querySelectorAll('*')];
      await Promise.all(parts.flatMap((part) => part.getAnimations()).map(({ finished }) => finished));
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return {
        ring: outlineStyle !== 'none' && outlineWidth !== '0px',
        borders: parts.map((part) => getComputedStyle(part).borderColor),
      };
    });
  const focused = await look();
  if (focused.ring) return;
  await target.blur();
  const { borders } = await look();
  await target.focus();
  expect(focused.borders).not.toEqual(borders);
}
