import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from './run.ts';

/** The environment variable in which the Playwright configuration finds the browser. */
export const CHROMIUM_PATH = 'CHROMIUM_PATH';

const e2e = join(import.meta.dirname, '..', 'e2e');

/**
 * The path of a Chromium or Chrome that runs: the one named by `CHROMIUM_PATH`, one that is installed, or else one
 * that this installs: Debian's by apt-get when we are root there, Playwright's own anywhere else.
 */
export async function findChromium(): Promise<string> {
  const given = process.env[CHROMIUM_PATH];
  if (given !== undefined) {
    if (await runs(given)) return given;
    throw new Error(`${CHROMIUM_PATH} names ${given}, which does not run.`);
  }
  const found = await installed();
  if (found !== undefined) return found;
  const output = await install();
  const made = await installed();
  if (made !== undefined) return made;
  throw new Error(
    `No Chromium for the browser tests was found, and none could be installed. Install Chromium or Chrome, or set ${CHROMIUM_PATH}.\n${output}`,
  );
}

async function installed(): Promise<string | undefined> {
  const programs = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
  const candidates = [
    ...(process.env['PATH'] ?? '').split(':').flatMap((folder) => programs.map((name) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:/Program Files/Google/Chrome/Application/chrome.exe',
    'C:/Program Files (x86)/Google/Chrome/Application/chrome.exe',
    playwrightsOwn(),
  ];
  for (const candidate of candidates) if (existsSync(candidate) && (await runs(candidate))) return candidate;
  return undefined;
}

function playwrightsOwn(): string {
  const require = createRequire(join(e2e, 'package.json'));
  const { chromium }: { chromium: { executablePath(): string } } = require('@playwright/test');
  return chromium.executablePath();
}

/** Gives what was printed, for when it was in vain. */
async function install(): Promise<string> {
  let output = '';
  const onOutput = (text: string): void => {
    output = (output + text).slice(-2000);
  };
  const asRoot = process.getuid?.() === 0;
  if (asRoot && isDebian()) {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-q'], { env, onOutput });
    // Without fonts every text is a row of boxes.
    const packages = ['chromium', 'fonts-liberation', 'fonts-noto-color-emoji'];
    const code = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], {
      env,
      onOutput,
    });
    if (code === 0) return output;
  }
  const playwright = join(e2e, 'node_modules', '@playwright', 'test', 'cli.js');
  const args = ['install', ...(asRoot ? ['--with-deps'] : []), 'chromium'];
  await run(process.execPath, [playwright, ...args], { onOutput });
  return output;
}

function isDebian(): boolean {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

async function runs(program: string): Promise<boolean> {
  // Chrome on Windows opens a window instead of printing its version.
  if (process.platform === 'win32') return true;
  return (await run(program, ['--version'], { onOutput: () => undefined })) === 0;
}
