import { EventsError } from '@processflow/events';
import { expect, test, vi } from 'vitest';

import { report } from './report.ts';

/** What it prints of the error. */
function reported(error: unknown): string {
  using printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  report(error);
  expect(printed).toHaveBeenCalledOnce();
  return String(printed.mock.lastCall?.[0]);
}

test('a lost connection to the database is one line that says why', () => {
  const message = 'The pump lost its connection to PostgreSQL; it stands again.';
  const cause = new Error('terminating connection due to idle-session timeout');
  expect(reported(new EventsError('cannot-listen', message, { cause }))).toBe(
    `${message} (${cause.message})`,
  );
});

test('a reason that is said already is not said again, nor is one that has no text', () => {
  const message = 'Cannot listen on role_changes: connect ECONNREFUSED.';
  for (const cause of [new Error('connect ECONNREFUSED'), new AggregateError([]), undefined]) {
    expect(reported(new EventsError('cannot-listen', message, { cause }))).toBe(message);
  }
});

test('any other error is told with where it came from, and what caused it', () => {
  const text = reported(new Error('This failed', { cause: new TypeError('of that') }));
  expect(text).toMatch(/^Error: This failed\n +at .*\nCaused by: TypeError: of that\n +at /s);
});
