import { describe, expect, test } from 'vitest';
import { checkVariables } from './index.ts';
import { MAX_VARIABLES, MAX_VARIABLES_LENGTH } from './limits.ts';
import type { Field, FieldType } from './types.ts';

const field = (type: FieldType, required = true): Field => ({ name: 'it', label: 'It', type, required });
const ok = (data: unknown, fields: Field[] = []) => checkVariables(fields, data).length === 0;

describe('types', () => {
  test.each<[FieldType, unknown, boolean]>([
    ['boolean', true, true],
    ['boolean', 'true', false],
    ['boolean', 0, false],
    ['number', 1.5, true],
    ['number', -0.1, true],
    ['number', '1', false],
    ['number', Number.NaN, false],
    ['number', Infinity, false],
    ['date', '2024-02-29', true],
    ['date', '2023-02-29', false],
    ['date', '2024-1-1', false],
    ['date', '2024-01-01T00:00:00Z', false],
    ['date', '', false],
    ['text', '', true],
    ['text', 5, false],
    ['text', ['a'], false],
  ])('%s: %j is right: %s', (type, value, right) => {
    expect(ok({ it: value }, [field(type)])).toBe(right);
    expect(ok({ it: null }, [field(type)])).toBe(true);
  });
});

test('required fields must be there only when the task is completed', () => {
  const fields = [field('text'), { ...field('number', false), name: 'other', label: 'Other' }];
  expect(checkVariables(fields, {})).toEqual([]);
  for (const data of [{}, { it: null }, { it: '  ' }]) {
    expect(checkVariables(fields, data, { complete: true })).toEqual([
      { field: 'it', message: '“It” is needed.' },
    ]);
  }
  expect(checkVariables(fields, { it: 'x' }, { complete: true })).toEqual([]);
});

describe('what is stored', () => {
  test.each([
    ['any JSON', { a: [1, 'two', null, { three: true }], 'first name': '', größe: 1, 'in-house': 0 }],
    ['names of methods', { toString: 1, hasOwnProperty: 2, valueOf: 3 }],
    ['no prototype', Object.assign(Object.create(null) as object, { a: 1 })],
  ])('%s', (_, data) => {
    expect(checkVariables([], data)).toEqual([]);
  });

  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

  test.each<[string, unknown]>([
    ['no object', null],
    ['a list', []],
    ['a text', 'x'],
    ['a class', new Map()],
    ['a date object', { a: new Date(0) }],
    ['undefined', { a: undefined }],
    ['a function', { a: () => 1 }],
    ['a big integer', { a: 1n }],
    ['an empty name', { ' ': 1 }],
    ['a long name', { ['x'.repeat(201)]: 1 }],
    ['a control character in a name', { 'a\nb': 1 }],
    ['__proto__', JSON.parse('{"__proto__": {"admin": true}}')],
    ['constructor', { constructor: 1 }],
    ['__proto__ deep within', JSON.parse('{"a": [{"__proto__": 1}]}')],
    ['NUL, which PostgreSQL cannot store', { a: 'x\0y' }],
    ['half a surrogate pair', { a: { b: '\ud800' } }],
    ['deep nesting', { a: nested(30) }],
    ['bottomless nesting', { a: nested(2_000) }],
    ['too many', Object.fromEntries(Array.from({ length: MAX_VARIABLES + 1 }, (_, i) => [`v${i}`, 1]))],
    ['too much', { a: 'x'.repeat(MAX_VARIABLES_LENGTH) }],
  ])('not %s', (_, data) => {
    const problems = checkVariables([], data);
    expect(problems.length).toBeGreaterThan(0);
    for (const { message } of problems) expect(message).toMatch(/\.$/u);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});
