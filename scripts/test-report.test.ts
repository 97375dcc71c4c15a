import { expect, test } from 'vitest';
import { emptyReport, readPlaywrightReport, runnerReport, summarise } from './test-report.ts';

const passing = { passed: 3, failed: [], skipped: [] };

test('the last line is the counts, after what failed and what was skipped, with reasons', () => {
  const failing = {
    passed: 1,
    failed: [{ name: 'a', reason: '\u001b[31mno\u001b[39m\nlonger' }],
    skipped: [{ name: 'b', reason: 'only as root' }],
  };
  expect(summarise([passing, failing])).toBe('skipped: b (only as root)\nFAILED: a: no\n4 passed, 1 failed');
  expect(summarise([passing])).toBe('3 passed, 0 failed');
});

test('a runner that crashed, found nothing or ended badly has failed once', () => {
  expect(runnerReport('Vitest', 1, undefined).failed).toEqual([
    { name: 'Vitest', reason: 'ended with exit code 1' },
  ]);
  expect(runnerReport('Vitest', 0, undefined).failed).toEqual([{ name: 'Vitest', reason: 'ran no test' }]);
  expect(runnerReport('Vitest', 0, emptyReport()).failed).toHaveLength(1);
  expect(runnerReport('Vitest', 1, passing)).toMatchObject({ passed: 3, failed: [{ name: 'Vitest' }] });
  expect(runnerReport('Vitest', 0, passing)).toEqual(passing);
});

test("reads Playwright's report: nested suites, errors outside tests, flaky as failed", () => {
  const of = (status: 'expected' | 'unexpected' | 'flaky' | 'skipped', message?: string) => ({
    title: status,
    tests: [
      {
        status,
        annotations: status === 'skipped' ? [{ type: 'skip', description: 'no camera' }] : [],
        results: [message === undefined ? {} : { error: { message } }],
      },
    ],
  });
  const report = readPlaywrightReport({
    errors: [{ message: 'no browser' }],
    suites: [
      {
        title: 'a.spec.ts',
        specs: [of('expected'), of('unexpected', 'broken')],
        suites: [{ title: 'inner', specs: [of('flaky'), of('skipped')] }],
      },
    ],
  });
  expect(report).toEqual({
    passed: 1,
    failed: [
      { name: 'Playwright', reason: 'no browser' },
      { name: 'a.spec.ts > unexpected', reason: 'broken' },
      { name: 'a.spec.ts > inner > flaky', reason: 'was flaky' },
    ],
    skipped: [{ name: 'a.spec.ts > inner > skipped', reason: 'no camera' }],
  });
});
