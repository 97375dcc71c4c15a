import { expect, test } from 'vitest';
import { createBookmark } from './bookmark.ts';

test('an event that comes again before the position has moved was heard', () => {
  const bookmark = createBookmark();
  bookmark.note('a', undefined);
  expect([bookmark.note('a', 1), bookmark.note('a', 2)]).toEqual([true, true]);
  // The stream broke off inside the batch: it comes again, with what had been missing.
  bookmark.note('a', undefined);
  expect([bookmark.note('a', 1), bookmark.note('a', 2), bookmark.note('b', 3)]).toEqual([false, false, true]);
  expect(bookmark.position).toBe('b');
});

test('the last of a batch may itself have been heard', () => {
  const bookmark = createBookmark();
  bookmark.note('a', 1);
  expect(bookmark.note('b', 1)).toBe(false);
  expect(bookmark.position).toBe('b');
});

test('one that moved the position, by being the first of another batch, is remembered', () => {
  const bookmark = createBookmark();
  bookmark.note('a', 1);
  bookmark.note('b', 2);
  expect([bookmark.note('b', 2), bookmark.note('c', 3)]).toEqual([false, true]);
});

test('what it remembers is bounded by one batch, however many come', () => {
  const bookmark = createBookmark();
  let most = 0;
  for (let batch = 0; batch < 1000; batch++) {
    for (let event = 1; event <= 50; event++) {
      bookmark.note(`p${event === 50 ? batch + 1 : batch}`, batch * 50 + event);
      most = Math.max(most, bookmark.remembered);
    }
    expect(bookmark.remembered).toBe(1);
  }
  expect(most).toBe(50);
});

test('without ids and numbers there is nothing to go by, and nothing is kept', () => {
  const bookmark = createBookmark();
  for (let times = 0; times < 3; times++) {
    expect(bookmark.note('', 1)).toBe(true);
    expect(bookmark.note('a', undefined)).toBe(true);
  }
  expect(bookmark.remembered).toBe(0);
});

test('forgets', () => {
  const bookmark = createBookmark();
  bookmark.note('a', 1);
  bookmark.forget();
  expect(bookmark.position).toBeUndefined();
  expect(bookmark.note('a', 1)).toBe(true);
});
