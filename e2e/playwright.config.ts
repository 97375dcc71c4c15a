import { defineConfig } from '@playwright/test';

const SECOND = 1000;
const asRoot = process.getuid?.() === 0;
const path = process.env['CHROMIUM_PATH'];
const report = process.env['PLAYWRIGHT_REPORT'];

export default defineConfig({
  testDir: 'tests',
  outputDir: 'results',
  globalSetup: './global-setup.ts',
  // Each test has a server and a database of its own, so two run beside each other on CI's two cores.
  workers: 2,
  fullyParallel: true,
  // No second try: a test that fails now and then is a fault to be found.
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 60 * SECOND,
  // Only how long a test may wait: what has to happen in time says so itself.
  expect: { timeout: 10 * SECOND },
  // Within two seconds each sees what the other did: that is measured first, with nothing else going on.
  projects: [
    { name: 'two people', testMatch: 'two-people.spec.ts' },
    { name: 'all else', testIgnore: 'two-people.spec.ts', dependencies: ['two people'] },
  ],
  reporter: report === undefined ? 'list' : [['list'], ['json', { outputFile: report }]],
  use: {
    browserName: 'chromium',
    screenshot: 'only-on-failure',
    // Recording costs an eighth of the time, and nobody can open a trace that CI left behind.
    trace: process.env['CI'] === undefined ? 'retain-on-failure' : 'off',
    launchOptions: {
      ...(path !== undefined && { executablePath: path }),
      // Chromium's sandbox refuses to run as root, as containers mostly do.
      args: asRoot ? ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] : [],
    },
  },
});
