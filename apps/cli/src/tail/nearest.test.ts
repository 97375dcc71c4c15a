import { expect, test } from 'vitest';

import { nearest } from './nearest.ts';

test.each([
  ['role_chnages', 'role_changes'],
  ['role', undefined],
  ['rolechanges', 'role_changes'],
  ['taem_changes', 'team_changes'],
  ['something_else', undefined],
])('%s: %s', (typed, meant) => {
  expect(nearest(typed, ['team_changes', 'role_changes'])).toBe(meant);
});
