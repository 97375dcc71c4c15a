import type { Field, TaskChoice } from '@processflow/engine';
import { expect, test } from 'vitest';

import { draftText, initialDraft, isReady, readDraft } from './form-draft.ts';

const field = (name: string, type: Field['type'], required = true): Field => ({
  name,
  label: name,
  type,
  required,
});
const fields = [
  field('approved', 'boolean'),
  field('amount', 'number'),
  field('due', 'date'),
  field('note', 'text', false),
];
const choice: TaskChoice = {
  mode: 'one',
  required: true,
  flows: [{ id: 'yes', name: 'Approve', targetName: null, source: null }],
};

test('each type becomes the value the engine expects', () => {
  const values = { approved: 'true', amount: ' 12.5', due: '2026-02-28', note: 'hello' };
  const read = readDraft(fields, null, { values, extra: [], choice: [] });
  expect(read.data).toEqual({ approved: true, amount: 12.5, due: '2026-02-28', note: 'hello' });
  expect(isReady(read)).toBe(true);
});

test('a switch nobody touched says no; an optional field left empty says nothing', () => {
  const read = readDraft(fields, null, initialDraft(fields, { amount: 1, due: '2026-01-01' }));
  expect(read.data).toEqual({ approved: false, amount: 1, due: '2026-01-01' });
});

test('what is missing or misspelt is named at its field', () => {
  const read = readDraft(fields, null, { values: { amount: 'ten' }, extra: [], choice: [] });
  expect(Object.keys(read.errors)).toEqual(['amount', 'due']);
  expect(isReady(read)).toBe(false);
});

test('the form starts with what the instance knows, unless its type does not fit', () => {
  const { values } = initialDraft(fields, { approved: 'perhaps', amount: 3, note: '2026-01-01' });
  expect(values).toEqual({ approved: 'false', amount: '3', due: '', note: '2026-01-01' });
});

test('a decision needs a choice, and one that is no longer offered does not count', () => {
  const empty = { values: {}, extra: [], choice: ['gone'] };
  expect(readDraft([], choice, empty)).toMatchObject({ choice: [], choiceError: expect.any(String) });
  expect(readDraft([], choice, { ...empty, choice: ['yes'] })).toMatchObject({
    choice: ['yes'],
    choiceError: null,
  });
});

test('an added value may not repeat what is asked for', () => {
  const extra = [{ key: 'k', name: 'approved', type: 'text' as const, text: 'x' }];
  expect(readDraft(fields, null, { values: {}, extra, choice: [] }).rowErrors).toHaveProperty('k');
});

test('entries can be carried away as text', () => {
  const extra = [{ key: 'k', name: 'note to self', type: 'text' as const, text: 'x' }];
  const draft = { values: { approved: 'true', amount: '1' }, extra, choice: ['yes'] };
  expect(draftText(fields.slice(0, 2), choice, draft)).toBe(
    'approved: Yes\namount: 1\nnote to self: x\nChosen: Approve',
  );
});
