import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { expect, test } from '../harness.ts';
import { changeTheme, screens, setStage } from '../screens.ts';

test('every page, in both themes, is without serious faults for people who cannot see or point', async ({
  app,
  browser,
}) => {
  test.setTimeout(300_000);
  const stage = await setStage(browser, app);
  for (const { name, show } of screens) {
    await test.step(name, async () => {
      const page = await show(stage);
      await changeTheme(page, 'dark');
      expect.soft(await faults(page, ['color-contrast']), `${name}, dark`).toEqual([]);
      // All but the colours is the same in both.
      await changeTheme(page, 'light');
      expect.soft(await faults(page), `${name}, light`).toEqual([]);
    });
  }
});

async function faults(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  if (rules) axe.withRules(rules);
  const { violations } = await axe
    // Drawn by bpmn-js, mark and all, as its licence asks; the same in words stands beside it.
    .exclude('.djs-container svg')
    .exclude('.bjs-powered-by')
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id}: ${target.join(' ')}: ${html}`));
}
