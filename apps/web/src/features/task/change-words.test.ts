import { expect, test } from 'vitest';

import { changeWords, doerOf, type TaskEvent } from './change-words.ts';

const event = (part: Partial<TaskEvent>): TaskEvent => ({
  operation: 'UPDATE',
  status: 'Active',
  claimed_by: null,
  completed_by: null,
  ...part,
});

test('taking and releasing are told from what was shown before', () => {
  expect(doerOf(event({ claimed_by: 'bo' }), { claimedBy: null })).toEqual({ profileId: 'bo', what: 'took' });
  expect(doerOf(event({}), { claimedBy: { id: 'bo' } })).toEqual({ profileId: null, what: 'released' });
  expect(doerOf(event({ claimed_by: 'bo' }), { claimedBy: { id: 'bo' } })).toBeNull();
});

test('completing names who completed, whoever had claimed', () => {
  const completed = event({ status: 'Completed', claimed_by: 'bo', completed_by: 'ada' });
  expect(doerOf(completed, undefined)).toEqual({ profileId: 'ada', what: 'completed' });
});

test('what no person did has no doer', () => {
  expect(doerOf(event({ status: 'Completed' }), undefined)).toBeNull();
  expect(doerOf(event({ status: 'Cancelled' }), { claimedBy: null })).toBeNull();
  expect(doerOf(event({ operation: 'INSERT' }), undefined)).toBeNull();
});

test('a release names nobody: the event does not say whether the claimer gave it back', () => {
  expect(changeWords('took', 'Bo', 'this')).toBe('Bo took this');
  expect(changeWords('released', 'Someone', 'this')).toBe('This is free again');
  expect(changeWords('released', 'Someone', '“Approve”')).toBe('“Approve” is free again');
});
