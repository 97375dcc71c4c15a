import { expect, test } from 'vitest';

import { Search } from './search.ts';

/** Every rate that was tried by a search among servers that sustain at most so much. */
function tried(limit: number, options: Partial<ConstructorParameters<typeof Search>[0]> = {}): number[] {
  const search = new Search({ ladder: [10, 100, 400], resolution: 1.2, tries: 1, ...options });
  const rates: number[] = [];
  for (let rate = search.next(); rate !== undefined; rate = search.next()) {
    rates.push(rate);
    search.tell(rate <= limit);
  }
  return rates;
}

test('it climbs the ladder, doubles, and closes in on the limit from both sides', () => {
  expect(tried(1_000)).toEqual([10, 100, 400, 800, 1_600, 1_130, 951]);
});

test('it looks between rungs, and below the first', () => {
  expect(tried(30).slice(0, 3)).toEqual([10, 100, 31.6]);
  expect(tried(30).findLast((rate) => rate <= 30)).toBeCloseTo(30, -1);
  expect(tried(5)).toEqual([10, 3.16, 5.62, 4.21, 4.86]);
});

test('nothing at all is sustained: it ends', () => {
  expect(tried(0).at(-1)).toBeLessThan(1.3);
});

test('one bad moment does not make a rate too high, two do', () => {
  const search = new Search({ ladder: [10, 20], resolution: 1.5, tries: 2 });
  search.tell(false);
  expect(search.next()).toBe(10);
  search.tell(true);
  expect(search.next()).toBe(20);
  search.tell(false);
  expect(search.next()).toBe(20);
  search.tell(false);
  expect(search.next()).toBe(14.1);
});

test('it tries no more than it may', () => {
  expect(tried(Infinity, { most: 150 })).toEqual([10, 100, 150]);
});
