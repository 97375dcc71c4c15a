import fc from 'fast-check';
import { expect, test } from 'vitest';

import { LONGEST_POSITION } from '../position-length.ts';
import { decodePosition, encodePosition } from './position.ts';
import type { Snapshot } from './snapshot.ts';
import { someSnapshot } from '../testing-helpers/snapshot-arbitrary.ts';

const epoch = 'aZ9-_x';

function openWriters(distances: readonly number[], xmin = 1_234_567n): Snapshot {
  const inProgress = [xmin];
  for (const finished of distances) inProgress.push(inProgress.at(-1)! + BigInt(finished) + 1n);
  return { xmin, xmax: inProgress.at(-1)! + 5n, inProgress };
}

test('a position says what was put into it', () => {
  fc.assert(
    fc.property(someSnapshot(), (snapshot) => {
      const text = encodePosition({ epoch, snapshot });
      expect(text).toMatch(/^[\w-]+$/);
      expect(decodePosition(text)).toEqual({ epoch, snapshot });
    }),
    { numRuns: 500 },
  );
});

test('it stays under 100 bytes with 100 writers open and at most 8 finished between any two', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 99, maxLength: 99 }),
      fc.bigInt(300n, 2n ** 44n),
      (finished, xmin) => {
        expect(encodePosition({ epoch, snapshot: openWriters(finished, xmin) }).length).toBeLessThan(100);
      },
    ),
    { numRuns: 500 },
  );
});

test('also when one of the 100 was left open for a thousand million transactions', () => {
  const finished = Array.from({ length: 99 }, (_, at) => (at === 0 ? 1_000_000_000 : (at % 8) + 1));
  expect(encodePosition({ epoch, snapshot: openWriters(finished) }).length).toBeLessThan(100);
});

test('2,000 writers at once fit into what is read', () => {
  const snapshot = openWriters(Array.from({ length: 1_999 }, (_, at) => (at % 8) + 1));
  const text = encodePosition({ epoch, snapshot });
  expect(text.length).toBeLessThan(LONGEST_POSITION);
  expect(decodePosition(text)).toEqual({ epoch, snapshot });
});

test('what comes from outside is never believed and never throws', () => {
  const hostile = [
    '',
    epoch,
    'boot-12',
    `${epoch}!`,
    'A'.repeat(100),
    '_'.repeat(LONGEST_POSITION),
    '_'.repeat(1e6),
  ];
  for (const text of hostile) expect(decodePosition(text)).toBeUndefined();
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      expect(() => decodePosition(text)).not.toThrow();
    }),
  );
});

test('one position has one string: whatever is read is written the same again', () => {
  const character = fc.stringMatching(/^[\w-]$/);
  fc.assert(
    fc.property(someSnapshot(20), fc.nat(), character, (snapshot, nat, other) => {
      const text = encodePosition({ epoch, snapshot });
      const at = nat % text.length;
      const changed = text.slice(0, at) + other + text.slice(at + 1);
      const read = decodePosition(changed);
      return read === undefined || encodePosition(read) === changed;
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  [16, 110],
  [200, 175],
  [10_000, 270],
])('with at most %d finished between any two it takes fewer than %d', (most, limit) => {
  fc.assert(
    fc.property(
      fc.array(fc.noShrink(fc.integer({ min: 0, max: most })), { minLength: 99, maxLength: 99 }),
      (finished) => {
        expect(encodePosition({ epoch, snapshot: openWriters(finished) }).length).toBeLessThan(limit);
      },
    ),
  );
});

test('what would be longer than is taken back is a short name of its own, with which one starts over', () => {
  const distances = Array.from({ length: 3_999 }, (_, at) => (at % 8) + 1);
  const [one, other] = [1_234_567n, 1_234_568n].map((xmin) =>
    encodePosition({ epoch, snapshot: openWriters(distances, xmin) }),
  );
  for (const text of [one!, other!]) {
    expect(text).toMatch(/^~[\w-]{43}$/);
    expect(decodePosition(text)).toBeUndefined();
  }
  expect(one).not.toBe(other);
});

test('12,000 writers in an unbroken row are read too', () => {
  const snapshot = openWriters(Array.from({ length: 12_000 }, () => 0));
  const text = encodePosition({ epoch, snapshot });
  expect(text.length).toBeLessThanOrEqual(LONGEST_POSITION);
  expect(decodePosition(text)).toEqual({ epoch, snapshot });
});
