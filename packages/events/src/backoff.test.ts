import { expect, test } from 'vitest';
import { defaultBackoff, pauseBefore } from './backoff.ts';

test('pauses double up to the cap, and are drawn between the shortest and the limit', () => {
  const shortest = [0, 1, 2, 10, 10_000].map((attempt) => pauseBefore(attempt, defaultBackoff, () => 0));
  const longest = [0, 1, 2, 10, 10_000].map((attempt) => pauseBefore(attempt, defaultBackoff, () => 1));
  expect(shortest).toEqual([500, 500, 500, 500, 500]);
  expect(longest).toEqual([1000, 2000, 4000, 30_000, 30_000]);
});
