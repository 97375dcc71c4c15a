import { join } from 'node:path';
import { CHROMIUM_PATH, findChromium } from './chromium.ts';
import { endWithParent } from './lifetime.ts';
import { run, signalChildren } from './run.ts';
import { buildWebIfStale } from './web.ts';

const e2e = join(import.meta.dirname, '..', 'e2e');

endWithParent();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => signalChildren(signal));

const chromium = await findChromium();
if (await buildWebIfStale()) {
  const playwright = join(e2e, 'node_modules', '@playwright', 'test', 'cli.js');
  const args = [playwright, 'test', '--config', 'screenshots.config.ts', ...process.argv.slice(2)];
  process.exitCode = await run(process.execPath, args, { cwd: e2e, env: { [CHROMIUM_PATH]: chromium } });
} else process.exitCode = 1;
