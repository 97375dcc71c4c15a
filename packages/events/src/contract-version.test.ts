import { expect, test } from 'vitest';

import type { ChannelDefinition } from './contract.ts';
import { contractOf } from './contract-version.ts';

const notes: ChannelDefinition = {
  table: 'note',
  columns: ['id', 'team', 'text'],
  audience: ['team:{team}'],
};
const types = { note: { id: 'integer', team: 'integer', text: 'text', other: 'text' } };
const versionOf = (definition: ChannelDefinition, columnTypes = types) =>
  contractOf({ notes: definition }, columnTypes)['notes'];

test('what does not show on the wire leaves the version as it is', () => {
  const version = versionOf(notes);
  expect(version).toMatch(/^[0-9a-f]{16}$/);
  expect(versionOf({ ...notes, columns: ['text', 'id', 'team'] })).toBe(version);
  expect(versionOf({ ...notes, audience: ['all:{id}'], whole: ['text'] })).toBe(version);
  expect(versionOf({ ...notes, table: 'memo' }, { ...types, memo: types.note } as typeof types)).toBe(
    version,
  );
});

test.each([
  ['a column more', { ...notes, columns: [...notes.columns, 'other'] }, types],
  ['a column less', { ...notes, columns: ['id', 'team'] }, types],
  ['a column as text', { ...notes, text: ['id'] }, types],
  ['other columns watched', { ...notes, watch: ['text'] }, types],
  ['another type', notes, { note: { ...types.note, text: 'integer' } }],
  ['null where there was none', notes, { note: { ...types.note, text: 'text | null' } }],
])('%s is another version', (_, definition, columnTypes) => {
  expect(versionOf(definition, columnTypes)).not.toBe(versionOf(notes));
});

test('one channel’s change leaves the others’ versions; internal channels have none', () => {
  const both = contractOf({ notes, memos: { ...notes, columns: ['id', 'team'] } }, types);
  const changed = contractOf({ notes, memos: notes, secrets: { ...notes, internal: true } }, types);
  expect(Object.keys(changed)).toEqual(['notes', 'memos']);
  expect(changed['notes']).toBe(both['notes']);
  expect(changed['memos']).not.toBe(both['memos']);
});

test('a column without a known type is named', () => {
  expect(() => versionOf({ ...notes, columns: ['id', 'team', 'gone'] })).toThrow(/carries "note.gone"/);
});
