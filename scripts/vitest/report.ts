import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { emptyReport, type Report } from '../test-report.ts';

/** The environment variable that names the file to write. */
export const VITEST_REPORT = 'VITEST_REPORT';

/** Writes what `npm test` counts; Vitest's own JSON has neither unhandled errors nor why a test was skipped. */
export default class CountingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message: string }[]): void {
    const report = emptyReport();
    for (const module of modules) {
      const name = module.relativeModuleId;
      for (const error of module.errors()) report.failed.push({ name, reason: error.message });
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) report.failed.push({ name, reason: error.message });
      }
      for (const test of module.children.allTests()) add(report, `${name} > ${test.fullName}`, test);
    }
    for (const error of unhandled) report.failed.push({ name: 'unhandled error', reason: error.message });
    const file = process.env[VITEST_REPORT];
    if (file !== undefined) writeFileSync(file, JSON.stringify(report));
  }
}

function add(report: Report, name: string, test: TestCase): void {
  const result = test.result();
  switch (result.state) {
    case 'passed':
      report.passed++;
      break;
    case 'failed':
      report.failed.push({ name, reason: result.errors[0]?.message ?? 'no reason given' });
      break;
    case 'skipped':
      report.skipped.push({ name, reason: result.note ?? 'no reason given' });
      break;
    case 'pending':
      report.failed.push({ name, reason: 'never ended' });
      break;
  }
}
