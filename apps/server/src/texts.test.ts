import { describe, expect, test } from 'vitest';

import { nameInput, toNameOrEmpty } from './texts.ts';

const refusalOf = (name: string) =>
  nameInput('the team').safeParse(name).error?.issues.at(-1)?.message ?? null;

describe('a name', () => {
  test.each(['Demo', 'Größe', '🏳️‍🌈 Crew', 'می‌خواهم', '総務部', 'R&D – “north”'])('may be %j', (name) => {
    expect(refusalOf(name)).toBeNull();
  });

  test.each([
    ['text turned around', 'invoice\u202Efdp.exe'],
    ['a blank without width', 'Acc\u200Bounting'],
    ['a soft hyphen', 'Acc\u00ADounting'],
    ['isolated text', '\u2066Ada\u2069'],
    ['letters of tags', 'Ada\u{E0041}'],
  ])('has no %s', (_, name) => {
    expect(refusalOf(name)).toBe('A name has no invisible characters. Type it anew instead of pasting it.');
  });

  test.each(['a\u2028b', 'a\u2029b', 'a\u0085b'])('is one line: %j', (name) => {
    expect(refusalOf(name)).toBe('A name has no line breaks or other control characters.');
  });

  test.each(['', ' ', '\u200D', '\u200C \u200D'])('is not empty: %j', (name) => {
    expect(refusalOf(name)).toBe('Give the team a name.');
  });
});

test('what a file calls itself becomes a name', () => {
  expect(toNameOrEmpty(' In\u202Evoice \n approval\u200B ', 100)).toBe('In voice approval');
  expect(toNameOrEmpty('🏳️‍🌈 Crew', 100)).toBe('🏳️‍🌈 Crew');
  expect(toNameOrEmpty('one two', 4)).toBe('one');
  expect(toNameOrEmpty('\u200B\u200D', 100)).toBe('');
});
