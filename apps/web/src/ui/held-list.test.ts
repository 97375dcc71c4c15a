import { expect, test } from 'vitest';

import { changedKeys, holdRows } from './held-list.ts';

interface Row {
  id: number;
  name: string;
}
const rows = (...ids: number[]): Row[] => ids.map((id) => ({ id, name: `row ${id}` }));
const keyOf = ({ id }: Row) => id;
const idsOf = (list: readonly Row[]) => list.map(keyOf);

test('rows that come, go or move wait, and are counted', () => {
  const shown = rows(1, 2, 3);
  expect(holdRows(shown, rows(4, 1, 2, 3), keyOf)).toEqual({ rows: shown, waiting: 1 });
  expect(holdRows(shown, rows(1, 3), keyOf)).toEqual({ rows: shown, waiting: 1 });
  expect(holdRows(shown, rows(3, 1, 2), keyOf)).toEqual({ rows: shown, waiting: 1 });
  expect(holdRows(shown, rows(4, 3, 1), keyOf)).toEqual({ rows: shown, waiting: 3 });
  expect(holdRows(shown, rows(1, 2, 3), keyOf).waiting).toBe(0);
});

test('a row that stays shows its newest content at once', () => {
  const next = [{ id: 1, name: 'renamed' }, ...rows(3)];
  const held = holdRows(rows(1, 2), next, keyOf);
  expect(idsOf(held.rows)).toEqual([1, 2]);
  expect(held.rows[0]?.name).toBe('renamed');
});

test('new and different rows are the changed ones', () => {
  const before = new Map([
    [1, 'a'],
    [2, 'b'],
  ]);
  const after = new Map([
    [1, 'a'],
    [2, 'B'],
    [3, 'c'],
  ]);
  expect(changedKeys(before, after)).toEqual([2, 3]);
});
