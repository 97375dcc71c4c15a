import { expect, test } from 'vitest';

import { marksFromElements, marksFromProblems, type MarkedElement } from './marks.ts';

const element = (part: Partial<MarkedElement>): MarkedElement => ({
  elementId: 'approve',
  name: 'Approve',
  kind: 'task',
  status: 'Active',
  startedAt: '2026-01-01T10:00:00Z',
  completedAt: null,
  completedBy: null,
  claimedBy: null,
  role: null,
  incident: null,
  ...part,
});

const done = element({
  status: 'Completed',
  completedAt: '2026-01-01T10:05:00Z',
  completedBy: { name: 'Bo' },
});

test('names who claimed a task, else its role, else every member', () => {
  const who = (part: Partial<MarkedElement>) => marksFromElements([element(part)])[0]?.who;
  expect(who({ claimedBy: { name: 'Bo' }, role: { name: 'Approver' } })).toBe('Bo');
  expect(who({ role: { name: 'Approver' } })).toBe('Approver');
  expect(who({})).toBe('Every member');
});

test('an element entered again shows what needs a person, however often it was done', () => {
  expect(marksFromElements([done, element({ startedAt: '2026-01-01T11:00:00Z' })])).toMatchObject([
    { state: 'active', since: '2026-01-01T11:00:00Z', times: 2 },
  ]);
  expect(marksFromElements([element({}), done])).toMatchObject([{ state: 'active' }]);
});

test('of several visits that are over, the last one counts', () => {
  const again = { ...done, completedBy: { name: 'Ada' } };
  expect(marksFromElements([done, again])).toMatchObject([
    { state: 'done', who: 'Ada', since: null, times: 2 },
  ]);
});

test('what is stuck says why, and only what a person can do has an action', () => {
  const openAction = () => 'Open task';
  const [stuck, waiting, active] = marksFromElements(
    [
      element({ elementId: 'gateway', status: 'Incident', incident: { message: 'approved is not set' } }),
      element({ elementId: 'join', status: 'Waiting' }),
      element({}),
    ],
    { openAction },
  );
  expect(stuck).toMatchObject({ state: 'incident', detail: 'approved is not set', action: null });
  expect(waiting).toMatchObject({ state: 'waiting', action: null });
  expect(active).toMatchObject({ state: 'active', action: 'Open task' });
});

test('several problems of one element are one mark; those of no element are none', () => {
  const marks = marksFromProblems([
    { elementId: 'a', reason: 'One.' },
    { elementId: null, reason: 'Whole file.' },
    { elementId: 'a', reason: 'Two.' },
  ]);
  expect(marks).toMatchObject([{ elementId: 'a', state: 'problem', detail: 'One. Two.' }]);
});
