// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';

import { createDraftStore, type DraftStorage } from './draft-store.ts';
import type { FormDraft } from './form-draft.ts';

const draft: FormDraft = {
  values: { approved: 'true', amount: '12.' },
  extra: [{ key: 'k', name: 'note', type: 'text', text: 'call back' }],
  choice: ['flow'],
};

beforeEach(() => localStorage.clear());

test('a half-filled form is there again after a reload, for the same person and task only', () => {
  createDraftStore(localStorage, 'bo').write(7, draft);
  expect(createDraftStore(localStorage, 'bo').read(7)).toEqual(draft);
  expect(createDraftStore(localStorage, 'bo').read(8)).toBeNull();
  expect(createDraftStore(localStorage, 'ada').read(7)).toBeNull();
});

test('it is gone once dropped', () => {
  const store = createDraftStore(localStorage, 'bo');
  store.write(7, draft);
  store.drop(7);
  expect(store.read(7)).toBeNull();
});

test.each(['{', 'null', '[]', '{"savedAt":1,"draft":{"values":{"a":1},"extra":[],"choice":[]}}'])(
  'what is stored but no draft of ours is none: %s',
  (text) => {
    const store = createDraftStore(localStorage, 'bo');
    store.write(7, draft);
    localStorage.setItem(localStorage.key(0) ?? '', text);
    expect(store.read(7)).toBeNull();
  },
);

test('a browser that keeps nothing is told, not thrown', () => {
  const full: DraftStorage = {
    length: 0,
    key: () => null,
    getItem: () => null,
    removeItem: () => {},
    setItem: () => {
      throw new Error('QuotaExceededError');
    },
  };
  expect(createDraftStore(full, 'bo').write(7, draft)).toBe(false);
});

test('drafts of a month ago are swept, newer ones and other things stay', () => {
  let now = 0;
  const store = createDraftStore(localStorage, 'bo', () => now);
  localStorage.setItem('theme', 'dark');
  store.write(1, draft);
  now = 20 * 24 * 3600 * 1000;
  store.write(2, draft);
  now = 31 * 24 * 3600 * 1000;
  store.sweep();
  expect(store.read(1)).toBeNull();
  expect(store.read(2)).toEqual(draft);
  expect(localStorage.getItem('theme')).toBe('dark');
});
