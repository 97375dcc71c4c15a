import type { Page } from '@playwright/test';

import { expect, liveLight } from './harness.ts';

/**
 * What a browser has loaded before a deploy that changed the channel: the same build with another stamp for it.
 * Returns how the deployed build comes with the next load.
 */
export async function loadOldBuild(page: Page, channel: string): Promise<() => Promise<void>> {
  const stamp = new RegExp(`(\\b${channel}:.)[0-9a-f]{16}\\b`);
  const scripts = '**/assets/*.js';
  await page.route(scripts, async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    // Not to be found again under the deployed build's name: a real one has a name of its own.
    const headers = { ...response.headers(), 'cache-control': 'no-store' };
    await route.fulfill({ response, headers, body: body.replace(stamp, '$10000000000000000') });
  });
  await page.reload();
  await expect(liveLight(page)).toHaveAccessibleName('Connection: Live');
  return () => page.unroute(scripts);
}
