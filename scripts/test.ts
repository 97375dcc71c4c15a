import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHROMIUM_PATH, findChromium } from './chromium.ts';
import { endWithParent } from './lifetime.ts';
import { run, signalChildren } from './run.ts';
import {
  type PlaywrightReport,
  readPlaywrightReport,
  type Report,
  runnerReport,
  summarise,
} from './test-report.ts';
import { buildWebIfStale } from './web.ts';

const root = join(import.meta.dirname, '..');
const e2e = join(root, 'e2e');
const filters = process.argv.slice(2);

endWithParent();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    signalChildren(signal);
    process.exitCode = 130;
  });
}

const folder = await mkdtemp(join(tmpdir(), 'processflow-report-'));
const reports: Report[] = [];
try {
  for (const [name, step] of Object.entries(filters.length > 0 ? { tests } : everything())) {
    if (process.exitCode === 130) break;
    reports.push(await timed(name, step));
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(`\n${summarise(reports)}`);
process.exitCode ??= reports.some((report) => report.failed.length > 0) ? 1 : 0;

/** Every step runs, whatever became of the ones before. */
function everything(): Record<string, () => Promise<Report>> {
  // Looking for the browser may mean downloading it; meanwhile the other steps run.
  const chromium = findChromium();
  chromium.catch(() => undefined);
  return {
    types: check('types', 'tsc', ['--pretty']),
    lint: check('lint', 'oxlint', ['--type-aware', '--deny-warnings']),
    format: check('format', 'oxfmt', ['--check', '.']),
    unused: check('unused', 'knip', ['--no-config-hints']),
    tests,
    build,
    browser: () => browser(chromium),
  };
}

function check(name: string, program: string, args: string[]): () => Promise<Report> {
  return async () => {
    let output = '';
    const code = await run(program, args, { cwd: root, onOutput: (text) => (output += text) });
    if (code === 0) return { passed: 1, failed: [], skipped: [] };
    console.log(output.trimEnd());
    return {
      passed: 0,
      failed: [{ name, reason: `${program} ended with exit code ${code}, see above` }],
      skipped: [],
    };
  };
}

async function tests(): Promise<Report> {
  const file = join(folder, 'vitest.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--reporter=default', '--reporter=./scripts/vitest/report.ts', ...filters];
  const code = await run(process.execPath, [vitest, ...args], { cwd: root, env: { VITEST_REPORT: file } });
  return runnerReport('Vitest', code, read(file) as Report | undefined);
}

async function build(): Promise<Report> {
  if (await buildWebIfStale()) return { passed: 1, failed: [], skipped: [] };
  return {
    passed: 0,
    failed: [{ name: 'build', reason: 'Vite could not build the web app, see above' }],
    skipped: [],
  };
}

async function browser(chromium: Promise<string>): Promise<Report> {
  let path: string;
  try {
    path = await chromium;
  } catch (error) {
    return { passed: 0, failed: [{ name: 'browser', reason: String(error) }], skipped: [] };
  }
  const file = join(folder, 'playwright.json');
  const playwright = join(e2e, 'node_modules', '@playwright', 'test', 'cli.js');
  const env = { [CHROMIUM_PATH]: path, PLAYWRIGHT_REPORT: file };
  const code = await run(process.execPath, [playwright, 'test'], { cwd: e2e, env });
  const found = read(file) as PlaywrightReport | undefined;
  return runnerReport('Playwright', code, found === undefined ? undefined : readPlaywrightReport(found));
}

async function timed(name: string, step: () => Promise<Report>): Promise<Report> {
  const begin = performance.now();
  console.log(`\n── ${name}`);
  const report = await step();
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`${report.failed.length === 0 ? '✓' : '✗'} ${name} (${seconds} s)`);
  return report;
}

function read(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
