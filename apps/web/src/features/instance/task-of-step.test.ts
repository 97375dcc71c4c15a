import { expect, test } from 'vitest';

import { taskAction } from './task-of-step.ts';

const bo = { id: 'b', name: 'Bo' };

test('what waits for a person opens, be it a task or a decision', () => {
  expect(taskAction({ kind: 'task', status: 'Active', completedBy: null })).toBe('Open task');
  expect(taskAction({ kind: 'exclusive', status: 'Active', completedBy: null })).toBe('Open task');
});

test('what a person did can be read, also when that person is gone', () => {
  expect(taskAction({ kind: 'task', status: 'Completed', completedBy: bo })).toBe('See task');
  expect(taskAction({ kind: 'task', status: 'Completed', completedBy: null })).toBe('See task');
  expect(taskAction({ kind: 'exclusive', status: 'Completed', completedBy: bo })).toBe('See task');
  expect(taskAction({ kind: 'task', status: 'Cancelled', completedBy: null })).toBe('See task');
});

test('what went by itself, waits for other branches or is stuck has no task', () => {
  expect(taskAction({ kind: 'exclusive', status: 'Completed', completedBy: null })).toBeNull();
  expect(taskAction({ kind: 'parallel', status: 'Waiting', completedBy: null })).toBeNull();
  expect(taskAction({ kind: 'exclusive', status: 'Incident', completedBy: null })).toBeNull();
});
