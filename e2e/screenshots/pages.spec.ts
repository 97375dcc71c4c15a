import { fileURLToPath } from 'node:url';

import type { Page } from '@playwright/test';

import { startApp, test } from '../harness.ts';
import { changeTheme, screens, setStage } from '../screens.ts';

const FOLDER = new URL('../../docs/screenshots/', import.meta.url);
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

test('every page, light and dark, on a desktop and on a phone', async ({ browser }) => {
  test.setTimeout(10 * 60 * 1000);
  await using app = await startApp();
  const stage = await setStage(browser, app);
  for (const { name, show } of screens) {
    await test.step(name, async () => shoot(name, await show(stage)));
  }
});

async function shoot(name: string, page: Page): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await changeTheme(page, colorScheme);
      const path = fileURLToPath(new URL(`${name}-${colorScheme}-${size}.png`, FOLDER));
      await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    }
  }
  await page.setViewportSize(SIZES.desktop);
  await changeTheme(page, 'light');
}
