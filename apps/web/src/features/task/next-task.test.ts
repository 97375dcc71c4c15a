import { expect, test } from 'vitest';

import { nextTask } from './next-task.ts';

const task = (id: number, instance: number, part: { mayAct?: boolean; claimedBy?: { id: string } } = {}) => ({
  id,
  name: `Task ${id}`,
  mayAct: true,
  claimedBy: null,
  instance: { id: instance },
  ...part,
});
const completed = task(2, 20);

test('goes on in the same run first', () => {
  const open = [task(1, 10), task(3, 30), task(4, 20)];
  expect(nextTask(completed, 'me', [task(3, 30), task(1, 10)], open)?.id).toBe(4);
});

test('else with the task below, else from the top', () => {
  expect(nextTask(completed, 'me', [task(3, 30), task(1, 10)], [task(1, 10), task(3, 30)])?.id).toBe(3);
  expect(nextTask(completed, 'me', [], [task(1, 10), task(3, 30)])?.id).toBe(1);
});

test('passes over what is gone, not mine to do, or in other hands', () => {
  const open = [
    completed,
    task(3, 20, { mayAct: false }),
    task(4, 20, { claimedBy: { id: 'other' } }),
    task(5, 20, { claimedBy: { id: 'me' } }),
  ];
  expect(nextTask(completed, 'me', [task(9, 90)], open)?.id).toBe(5);
  expect(nextTask(completed, 'me', [task(9, 90)], [])).toBeUndefined();
});
