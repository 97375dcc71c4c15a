import { expect, test } from 'vitest';

import { marksFromElements, marksFromProblems, shownVisit, type MarkedElement } from './marks.ts';

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

test('what is stuck says why', () => {
  const marks = marksFromElements([
    element({ status: 'Incident', incident: { message: 'approved is not set' } }),
    element({ elementId: 'join', status: 'Waiting' }),
  ]);
  expect(marks).toMatchObject([
    { state: 'incident', detail: 'approved is not set', action: null },
    { state: 'waiting', detail: null },
  ]);
});

test('a click acts on the visit that is shown', () => {
  const [first, second] = [
    { ...done, id: 1 },
    { ...done, id: 2 },
  ];
  const actionOf = ({ id }: { id: number }) => `Open ${id}`;
  expect(marksFromElements([first, second], { actionOf })).toMatchObject([{ action: 'Open 2' }]);
  expect(shownVisit([first, second])).toBe(second);
  expect(shownVisit([{ ...element({}), id: 3 }, first, second])).toMatchObject({ id: 3 });
});

test('several problems of one element are one mark; those of no element are none', () => {
  const marks = marksFromProblems([
    { elementId: 'a', reason: 'One.' },
    { elementId: null, reason: 'Whole file.' },
    { elementId: 'a', reason: 'Two.' },
  ]);
  expect(marks).toMatchObject([{ elementId: 'a', state: 'problem', detail: 'One. Two.' }]);
});
