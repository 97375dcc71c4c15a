import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  clamp,
  formatSnapshot,
  isSnapshot,
  isVisible,
  isWithin,
  outlasts,
  parseSnapshot,
  passOver,
} from './snapshot.ts';
import { someSnapshot } from '../testing-helpers/snapshot-arbitrary.ts';

test('a snapshot is read as PostgreSQL writes it, and written so again', () => {
  expect(parseSnapshot('10:20:10,14,15')).toEqual({ xmin: 10n, xmax: 20n, inProgress: [10n, 14n, 15n] });
  expect(parseSnapshot('758:758:')).toEqual({ xmin: 758n, xmax: 758n, inProgress: [] });
  fc.assert(
    fc.property(someSnapshot(), (snapshot) => {
      expect(parseSnapshot(formatSnapshot(snapshot))).toEqual(snapshot);
    }),
  );
});

test.each([
  '',
  '1:2',
  '2:1:',
  '1:5:7',
  '1:9:5,3',
  '1:9:3,3',
  '-1:2:',
  '1:2:1,',
  '1:99999999999999999999:',
  'a:b:c',
])('what is no snapshot is refused: %j', (text) => {
  expect(() => parseSnapshot(text)).toThrow('Not a pg_snapshot');
});

test('seen is what ended before: all below xmin, none from xmax on, between them who is not in progress', () => {
  const snapshot = parseSnapshot('10:20:10,14,15');
  const seen = [9n, 10n, 11n, 13n, 14n, 15n, 16n, 19n, 20n, 21n].filter((xid) => isVisible(xid, snapshot));
  expect(seen).toEqual([9n, 11n, 13n, 16n, 19n]);
});

test('clamped, a snapshot sees the same transactions up to the largest of the log, and none beyond', () => {
  fc.assert(
    fc.property(someSnapshot(), fc.bigInt(0n, 400n), (snapshot, offset) => {
      const largest = snapshot.xmin - 100n + offset;
      const clamped = clamp(snapshot, largest);
      expect(isSnapshot(clamped)).toBe(true);
      for (let xid = largest - 150n; xid < largest + 150n; xid += 1n) {
        expect(isVisible(xid, clamped)).toBe(xid <= largest && isVisible(xid, snapshot));
      }
    }),
  );
});

test('a snapshot outlasts what was pruned if it lacks nothing of it but what is open to this day', () => {
  const now = parseSnapshot('10:30:10,25');
  const outcome = (text: string): boolean => outlasts(parseSnapshot(text), 20n, now);
  expect(outcome('20:20:')).toBe(true);
  expect(outcome('10:22:10,21')).toBe(true);
  expect(outcome('10:22:10,19')).toBe(false);
  expect(outcome('10:19:10')).toBe(false);
});

test('passed over, what is open below the end counts as seen, and nothing else changes', () => {
  expect(passOver(parseSnapshot('10:30:10,15,25'), 20n)).toEqual(parseSnapshot('25:30:25'));
  expect(passOver(parseSnapshot('10:30:10'), 20n)).toEqual(parseSnapshot('30:30:'));
  expect(passOver(parseSnapshot('20:30:20'), 20n)).toEqual(parseSnapshot('20:30:20'));
});

test('of two snapshots of one history one lies within the other', () => {
  const earlier = parseSnapshot('10:20:10,14,15');
  const later = parseSnapshot('14:22:14,21');
  expect(isWithin(earlier, later)).toBe(true);
  expect(isWithin(later, earlier)).toBe(false);
  expect(isWithin(earlier, earlier)).toBe(true);
});
