import { expect, test } from 'vitest';

import { durationWords, relativeWords } from './relative-words.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const now = Date.parse('2026-01-10T12:00:00Z');

test.each([
  [2 * SECOND, '2 s ago'],
  [119 * SECOND, '1 min ago'],
  [25 * HOUR, '1 day ago'],
  [-3 * 24 * HOUR, 'in 3 days'],
  [-7 * 24 * HOUR + 2 * SECOND, 'in 7 days'],
  [-24 * HOUR + 2 * SECOND, 'in 1 day'],
  [-59.9 * SECOND, 'in 1 min'],
  [0, 'just now'],
])('%i ms ago is "%s"', (age, words) => {
  expect(relativeWords(now - age, now)).toBe(words);
});

test('from a week on the date is told', () => {
  expect(relativeWords(now - 30 * 24 * HOUR, now)).toContain('2025');
});

test('a length never is negative', () => {
  expect(durationWords(-5)).toBe('0 s');
});
