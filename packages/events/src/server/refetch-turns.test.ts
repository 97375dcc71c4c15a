import { expect, test } from 'vitest';

import { createRefetchTurns } from './refetch-turns.ts';

test('turns are one after another, and free again when they are over', () => {
  let now = 1_000;
  const next = createRefetchTurns(2, () => now);
  expect([next(), next(), next()]).toEqual([500, 1_000, 1_500]);
  now += 1_000;
  expect(next()).toBe(1_000);
  now += 60_000;
  expect(next()).toBe(500);
});

test('a wait of less than a quarter of a second is none', () => {
  const next = createRefetchTurns(10, () => 0);
  expect([next(), next(), next()]).toEqual([undefined, undefined, 300]);
});

test('5,000 are told within 25 s', () => {
  const next = createRefetchTurns(200, () => 0);
  const turns = Array.from({ length: 5_000 }, next);
  expect(turns.at(-1)).toBe(25_000);
  expect(new Set(turns.filter((turn) => turn !== undefined)).size).toBe(4_951);
});
