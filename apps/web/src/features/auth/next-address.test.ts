import { expect, test } from 'vitest';

import { nextAddress, readNext } from './next-address.ts';

test('an address of the app is kept whole', () => {
  expect(nextAddress('/teams/1/tasks/2?filter=all')).toBe('/teams/1/tasks/2?filter=all');
});

test.each([
  undefined,
  '',
  'teams',
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  'javascript:alert(1)',
])('anything else leads to the first page: %s', (next) => {
  expect(nextAddress(next)).toBe('/');
});

test('an address that leads to the first page anyway is left out of the search', () => {
  expect(readNext({ next: '/' })).toEqual({});
  expect(readNext({ next: 7 })).toEqual({});
  expect(readNext({ next: '/account' })).toEqual({ next: '/account' });
});
