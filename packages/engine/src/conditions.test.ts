import { describe, expect, test } from 'vitest';
import { readCondition } from './conditions.ts';
import { judge, type Verdict } from './evaluate.ts';
import type { KnownNames } from './feel.ts';
import type { FieldType, Variables } from './types.ts';

const NOTHING_KNOWN: KnownNames = new Map();

function ask(
  source: string,
  variables: Variables,
  known: KnownNames = NOTHING_KNOWN,
): Verdict['kind'] | 'unreadable' {
  const { condition } = readCondition(source, known, null);
  return condition.kind === 'unreadable' ? 'unreadable' : judge(condition, variables, known).kind;
}

const why = (source: string, variables: Variables, known: KnownNames = NOTHING_KNOWN): string => {
  const { condition } = readCondition(source, known, null);
  if (condition.kind === 'unreadable') return condition.reason;
  const verdict = judge(condition, variables, known);
  return verdict.kind === 'failed' ? verdict.why : verdict.kind;
};

const knows = (types: Record<string, FieldType | null>): KnownNames =>
  new Map(Object.entries(types).map(([name, type]) => [name, new Set(type === null ? [] : [type])]));

describe('what is read', () => {
  test.each<[string, Variables, 'yes' | 'no']>([
    // FEEL
    ['approved', { approved: true }, 'yes'],
    ['not(approved)', { approved: true }, 'no'],
    ['amount > 100', { amount: 101 }, 'yes'],
    ['amount between 1 and 3', { amount: 2 }, 'yes'],
    ['amount in [1..3]', { amount: 4 }, 'no'],
    ['colour in ("red", "blue")', { colour: 'blue' }, 'yes'],
    ['order.total >= 5 and order.rush = true', { order: { total: 5, rush: true } }, 'yes'],
    ['count(items) = 2', { items: [1, 2] }, 'yes'],
    ['some item in items satisfies item > 1', { items: [1, 2] }, 'yes'],
    ['if a then b else c', { a: false, b: true, c: false }, 'no'],
    ['due > date("2024-01-31")', { due: '2024-02-01' }, 'yes'],
    ['due < @"2024-01-31"', { due: '2024-02-01' }, 'no'],
    ['true', {}, 'yes'],
    ['x = null', {}, 'yes'],
    ['größe = 1', { größe: 1 }, 'yes'],
    // Zeebe
    ['= approved', { approved: true }, 'yes'],
    ['=amount > 100', { amount: 5 }, 'no'],
    // BPMN
    ["getDataObject('approved')", { approved: true }, 'yes'],
    ["bpmn:getDataObject('approved')", { approved: true }, 'yes'],
    ["not(bpmn:getDataObject('approved'))", { approved: false }, 'yes'],
    ['tns:getDataObject("clarified") = \'yes\'', { clarified: 'yes' }, 'yes'],
    ["getDataObject('first name') = 'Ada'", { 'first name': 'Ada' }, 'yes'],
    ["getDataObject('in-house')", { 'in-house': true }, 'yes'],
    ["getDataObject('in') = 1", { in: 1 }, 'yes'],
    ["getDataObject('approved') = true()", { approved: true }, 'yes'],
    // JUEL
    ['${approved}', { approved: true }, 'yes'],
    ['#{approved}', { approved: false }, 'no'],
    ['${!approved}', { approved: false }, 'yes'],
    ['${not approved}', { approved: false }, 'yes'],
    ['${approved == true}', { approved: true }, 'yes'],
    ["${colour == 'red'}", { colour: 'red' }, 'yes'],
    ['${colour != "red" && amount gt 3}', { colour: 'blue', amount: 4 }, 'yes'],
    ['${amount ge 3 or amount lt 1}', { amount: 3 }, 'yes'],
    ['${a && (b || !c)}', { a: true, b: false, c: false }, 'yes'],
    ['${order.total * 2 - 1 eq 9}', { order: { total: 5 } }, 'yes'],
    ['${amount % 2 == 1}', { amount: 3 }, 'yes'],
    ['${empty comment}', { comment: '' }, 'yes'],
    ['${empty comment}', { comment: 'x' }, 'no'],
    ['${comment == null}', {}, 'yes'],
    ['${a ? b : c}', { a: true, b: false, c: true }, 'no'],
    ["${approved} == 'yes'", { approved: 'yes' }, 'yes'],
    ['${a} && ${b}', { a: true, b: true }, 'yes'],
    ["${execution.getVariable('approved')}", { approved: true }, 'yes'],
    ['${in == 1}', { in: 1 }, 'yes'],
    ["${name == 'it\\'s'}", { name: "it's" }, 'yes'],
    // by hand
    ["clarified = 'yes'", { clarified: 'yes' }, 'yes'],
    ["clarified == 'no'", { clarified: 'yes' }, 'no'],
    ['a === 1', { a: 1 }, 'yes'],
    ['a !== 1', { a: 1 }, 'no'],
    ['approved && amount > 3', { approved: true, amount: 4 }, 'yes'],
    ['approved AND amount > 3', { approved: true, amount: 4 }, 'yes'],
    ['not approved', { approved: false }, 'yes'],
    ['approved = True', { approved: true }, 'yes'],
    ['approved == TRUE', { approved: true }, 'yes'],
    [String.raw`name = 'say "hi"'`, { name: 'say "hi"' }, 'yes'],
    ["name = 'a == b && True'", { name: 'a == b && True' }, 'yes'],
  ])('%s with %j: %s', (source, variables, answer) => {
    expect(ask(source, variables)).toBe(answer);
  });

  test('names with spaces and hyphens, where the model has them', () => {
    const known = knows({ 'Service Level': 'text', 'first-name': 'text' });
    expect(ask("Service Level == 'Premium'", { 'Service Level': 'Premium' }, known)).toBe('yes');
    expect(ask('first-name = "Ada"', { 'first-name': 'Ada' }, known)).toBe('yes');
    expect(ask('first-name = "Ada"', { 'first-name': 'Bo' }, known)).toBe('no');
  });

  test('date fields compare with dates, written as dates or as texts', () => {
    const known = knows({ due: 'date' });
    const due = { due: '2024-02-01' };
    expect(ask('due > date("2024-01-31")', due, known)).toBe('yes');
    expect(ask("due = '2024-02-01'", due, known)).toBe('yes');
    expect(ask('${due < "2024-01-31"}', due, known)).toBe('no');
    expect(ask('due = other', { ...due, other: '2024-02-01' }, knows({ due: 'date', other: 'date' }))).toBe(
      'yes',
    );
  });
});

describe('what a person decides instead', () => {
  test.each([
    ['', /empty/u],
    ['   ', /empty/u],
    ['amount is high', /words for people/u],
    ['yes', /words for people/u],
    ['Otherwise', /words for people/u],
    ['approved?', /words for people/u],
    ['Invoice approved by the boss, I think', /./u],
    ['"a text"', /yes or no/u],
    ['5', /yes or no/u],
    ['> 5', /yes or no/u],
    ['a + b', /yes or no/u],
    ['${bean.check(order)}', /./u],
    ["${colour.equals('red')}", /./u],
    ['${list[0]}[1', /./u],
    ['not a == b', /./u],
    ["getDataObject('order')/total > 5", /part of a data object/u],
    ['unknown(x)', /no function/u],
    ['x = = 5', /./u],
    ['now() > due', /now/u],
    ['date(today()) > due', /today/u],
    ['matches(x, "(a+)+$")', /matches/u],
    ['count(for i in 1..100000 return i) > 1', /construct/u],
    ['some i in 1..100000000 satisfies i < 0', /range/u],
    ['some a in x satisfies some b in a satisfies b', /lists within lists/u],
    ['count(x[item[item > 1] > 1]) > 1', /lists within lists/u],
    ['(function(x) x)(a)', /./u],
    ['__proto__', /cannot be a variable/u],
    ["getDataObject('constructor')", /cannot be a variable/u],
    ['${__proto__ == null}', /./u],
    ['${toString}(', /./u],
    ['a'.repeat(3000), /too long/u],
    [`\${${'empty '.repeat(300)}x}`, /./u],
    [`${'('.repeat(900)}x`, /./u],
  ])('%s', (source, reason) => {
    expect(ask(source, {})).toBe('unreadable');
    expect(why(source, {})).toMatch(reason);
  });

  test('a word that is also the name of its flow is a label, unless the model knows it as data', () => {
    expect(readCondition('urgent', NOTHING_KNOWN, 'Urgent').condition.kind).toBe('unreadable');
    expect(readCondition('urgent', NOTHING_KNOWN, null).condition.kind).toBe('readable');
    expect(readCondition('urgent', knows({ urgent: 'boolean' }), 'Urgent').condition.kind).toBe('readable');
    expect(readCondition('${yes}', NOTHING_KNOWN, 'yes').condition.kind).toBe('readable');
  });
});

describe('what fails, and why', () => {
  test.each<[string, Variables, RegExp]>([
    ['approved', {}, /variable “approved” is not set/u],
    ['approved', { approved: null }, /variable “approved” is not set/u],
    ['not(approved)', {}, /variable “approved” is not set/u],
    ['amount > 100', {}, /variable “amount” is not set/u],
    ['a > 1 and b > 1', { a: 2 }, /variable “b” is not set/u],
    ["getDataObject('first name')", {}, /variable “first name” is not set/u],
    ['approved', { approved: 'yes' }, /gives the text “yes”, not yes or no/u],
    ['amount', { amount: 3 }, /gives the number 3/u],
    ['items', { items: [] }, /gives a list/u],
    ['amount > 100', { amount: '200' }, /“amount” is the text “200”, but is compared with a number/u],
    [
      'due > date("2024-01-01")',
      { due: 'tomorrow' },
      /“due” is the text “tomorrow”, but is compared with a date/u,
    ],
    ['amount = "5"', { amount: 5 }, /different types/u],
    ['order.total > 5', { order: {} }, /total/u],
  ])('%s with %j', (source, variables, reason) => {
    expect(why(source, variables)).toMatch(reason);
  });

  test('a variable that is not set is simply not equal to a text', () => {
    expect(ask('clarified = "yes"', {})).toBe('no');
  });
});

test('the texts a variable is compared with are found', () => {
  const { comparisons } = readCondition(`colour = 'red' or "blue" = colour`, NOTHING_KNOWN, null);
  expect(comparisons).toEqual([
    { variable: 'colour', text: 'red' },
    { variable: 'colour', text: 'blue' },
  ]);
});

test('a name bound within a condition is no variable', () => {
  const { condition } = readCondition('some item in items satisfies item > limit', NOTHING_KNOWN, null);
  expect(condition.kind === 'readable' && condition.names.map((name) => name.variable)).toEqual([
    'items',
    'limit',
  ]);
});
