/** What a step of `npm test` found; a check of its own counts as one. */
export interface Report {
  passed: number;
  failed: Problem[];
  skipped: Problem[];
}

export interface Problem {
  name: string;
  /** Why it failed, or why it was skipped. */
  reason: string;
}

export const emptyReport = (): Report => ({ passed: 0, failed: [], skipped: [] });

/**
 * The report of a test runner that ended with `code`. One that says nothing, found no tests, or failed without a
 * failing test has failed.
 */
export function runnerReport(name: string, code: number, report: Report | undefined): Report {
  const found = report ?? emptyReport();
  const silent = found.failed.length === 0;
  if (silent && code !== 0) return { ...found, failed: [{ name, reason: `ended with exit code ${code}` }] };
  if (silent && found.passed === 0) return { ...found, failed: [{ name, reason: 'ran no test' }] };
  return found;
}

/** The part of Playwright's JSON report that counts. */
export interface PlaywrightReport {
  suites: PlaywrightSuite[];
  errors: { message?: string }[];
}

interface PlaywrightSuite {
  title: string;
  suites?: PlaywrightSuite[];
  specs: { title: string; tests: PlaywrightTest[] }[];
}

interface PlaywrightTest {
  status: 'expected' | 'unexpected' | 'flaky' | 'skipped';
  annotations: { type: string; description?: string }[];
  results: { error?: { message?: string } }[];
}

export function readPlaywrightReport({ suites, errors }: PlaywrightReport): Report {
  const report = emptyReport();
  for (const error of errors) report.failed.push({ name: 'Playwright', reason: error.message ?? 'an error' });
  for (const suite of suites) addSuite(report, suite, []);
  return report;
}

function addSuite(report: Report, suite: PlaywrightSuite, parents: string[]): void {
  const titles = [...parents, suite.title];
  for (const spec of suite.specs) {
    const name = [...titles, spec.title].join(' > ');
    for (const test of spec.tests) addTest(report, name, test);
  }
  for (const inner of suite.suites ?? []) addSuite(report, inner, titles);
}

function addTest(report: Report, name: string, test: PlaywrightTest): void {
  if (test.status === 'expected') report.passed++;
  else if (test.status === 'skipped') {
    const reason = test.annotations.map((annotation) => annotation.description ?? annotation.type).join(', ');
    report.skipped.push({ name, reason: reason === '' ? 'no reason given' : reason });
  } else {
    const messages = test.results
      .map((result) => result.error?.message)
      .filter((message) => message !== undefined);
    report.failed.push({ name, reason: messages[0] ?? `was ${test.status}` });
  }
}

/** The last lines of `npm test`: what failed and was skipped, by name, and the counts. */
export function summarise(reports: Report[]): string {
  const failed = reports.flatMap((report) => report.failed);
  const skipped = reports.flatMap((report) => report.skipped);
  const passed = reports.reduce((sum, report) => sum + report.passed, 0);
  return [
    ...skipped.map(({ name, reason }) => `skipped: ${name} (${firstLine(reason)})`),
    ...failed.map(({ name, reason }) => `FAILED: ${name}: ${firstLine(reason)}`),
    `${passed} passed, ${failed.length} failed`,
  ].join('\n');
}

function firstLine(text: string): string {
  // Playwright's messages are coloured.
  const plain = text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
  return plain.split('\n').find((line) => line.trim() !== '') ?? '';
}
