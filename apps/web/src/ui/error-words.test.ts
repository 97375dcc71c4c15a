import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';

import { errorWords, isFinal } from './error-words.ts';
import { refusalWords } from './mutation.ts';

function answer(code: string, message: string, refusal?: object) {
  return TRPCClientError.from({ error: { message, code: -32_000, data: { code, refusal } } });
}

test('an answer that never came is told as such, and may be asked for again', () => {
  const error = TRPCClientError.from(new TypeError('Failed to fetch'));
  expect(errorWords(error)).toMatchObject({ code: 'OFFLINE', title: 'The server cannot be reached' });
  expect(isFinal(error)).toBe(false);
});

test('a refusal speaks in the server’s own words', () => {
  const error = answer('FORBIDDEN', 'None of your roles opens Tasks.', { code: 'page-closed' });
  expect(errorWords(error)).toMatchObject({
    text: 'None of your roles opens Tasks.',
    refusal: { code: 'page-closed' },
  });
  expect(isFinal(error)).toBe(true);
});

test('a refusal that has nothing to do with another person does not speak of one', () => {
  const taken = answer('CONFLICT', 'There is a role of that name.', { code: 'name-taken' });
  expect(refusalWords(taken, 0).title).toBe('The name is taken');
});

test('an unexpected error shows nothing of the machine', () => {
  expect(errorWords(answer('INTERNAL_SERVER_ERROR', 'relation "x"')).text).not.toContain('relation');
  expect(errorWords(new RangeError('boom')).text).not.toContain('boom');
});

test('a conflict names who and when', () => {
  const now = Date.parse('2026-01-01T00:00:10Z');
  const taken = answer('CONFLICT', 'Bo has this task.', {
    code: 'taken',
    by: 'Bo',
    at: '2026-01-01T00:00:08Z',
  });
  expect(refusalWords(taken, now).title).toBe('Bo took this, 2 s ago');
  const done = answer('CONFLICT', 'Done.', { code: 'already-done', by: null, at: null });
  expect(refusalWords(done, now).title).toBe('Someone completed this');
});
