import { expect, test } from 'vitest';

import { changesOf, emptyRow, readRows, rowsOf, type VariableRow } from './variable-rows.ts';
import { parseValue, typeOf, valueWords } from './values.ts';

const row = (part: Partial<VariableRow>): VariableRow => ({ ...emptyRow(), ...part });

test('every value a person can enter comes back as it was', () => {
  const variables = { approved: false, amount: 12.5, due: '2026-02-28', note: 'two\nlines', empty: '' };
  expect(readRows(rowsOf(variables))).toEqual({ variables, errors: {} });
});

test('the types are told apart', () => {
  expect(typeOf('2026-02-30')).toBe('text');
  expect(typeOf('2026-02-28')).toBe('date');
  expect(typeOf([1])).toBeNull();
  expect(parseValue('number', ' 1.5 ')).toEqual({ ok: true, value: 1.5 });
  for (const text of ['', ' ', 'x', '1e999', '1,000', '99999999999999999999'])
    expect(parseValue('number', text).ok).toBe(false);
  expect(parseValue('date', '2026-13-01').ok).toBe(false);
});

test('errors stand at their rows, and untouched rows are none', () => {
  const rows = [
    row({ name: 'a', type: 'number', text: 'x' }),
    row({ name: 'b', text: '1' }),
    row({ name: 'b', text: '2' }),
    row({ text: 'nameless' }),
    row({ name: 'asked', text: '3' }),
    row({}),
  ];
  const { variables, errors } = readRows(rows, ['asked']);
  expect(variables).toEqual({ b: '1' });
  expect(rows.map(({ key }) => key in errors)).toEqual([true, false, true, true, true, false]);
});

test('only differences are sent, and what cannot be entered is left alone', () => {
  const before = { keep: 1, change: 'a', drop: true, list: [1, 2] };
  expect(changesOf(before, { keep: 1, change: 'b', added: 'c' })).toEqual({
    set: { change: 'b', added: 'c' },
    unset: ['drop'],
  });
});

test('a name that objects know is a name like any other', () => {
  const { variables } = readRows([
    row({ name: '__proto__', text: 'x' }),
    row({ name: 'constructor', text: 'y' }),
  ]);
  expect(Object.keys(variables)).toEqual(['__proto__', 'constructor']);
});

test('values read as people say them', () => {
  expect(valueWords(true)).toBe('Yes');
  expect(valueWords('')).toBe('empty');
  expect(valueWords([1, 2])).toBe('2 entries');
});
