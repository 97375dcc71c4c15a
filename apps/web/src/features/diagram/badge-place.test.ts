import { expect, test } from 'vitest';

import { badgePlace } from './badge-place.ts';

const event = { x: 100, y: 100, width: 36, height: 36 };

test('hangs at the top left where nothing is in the way', () => {
  expect(badgePlace(event, [{ x: 200, y: 100, width: 90, height: 40 }]).corner).toBe('top left');
});

test('gives way to a label', () => {
  expect(badgePlace(event, [{ x: 30, y: 60, width: 90, height: 40 }]).corner).toBe('top right');
});

test('gives way to the badges that hang there already', () => {
  const first = badgePlace(event, []);
  const second = badgePlace(event, [first.box]);
  const third = badgePlace(event, [first.box, second.box]);
  expect(new Set([first, second, third].map(({ corner }) => corner)).size).toBe(3);
});

test('where every corner is covered, it hangs where one looks for it', () => {
  expect(badgePlace(event, [{ x: 0, y: 0, width: 400, height: 400 }]).corner).toBe('top left');
});
