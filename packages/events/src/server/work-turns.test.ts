import { expect, test } from 'vitest';

import { createWorkTurns } from './work-turns.ts';

function setUp() {
  const due: (() => void)[] = [];
  const done: string[] = [];
  const turns = createWorkTurns((run) => {
    due.push(run);
    return () => undefined;
  });
  return {
    done,
    due,
    add: (name: string, cost: number) =>
      turns.add(() => {
        done.push(name);
        return cost;
      }),
    nextTurn: () => due.splice(0).forEach((run) => run()),
  };
}

test('what is little is done at once, in however many turns', async () => {
  const { add, done, due } = setUp();
  for (const name of ['a', 'b', 'c']) {
    add(name, 9_999);
    await Promise.resolve();
  }
  expect(done).toEqual(['a', 'b', 'c']);
  expect(due).toEqual([]);
});

test('what is too much for one turn waits for the next, in order, also behind what came later', async () => {
  const { add, done, due, nextTurn } = setUp();
  for (const name of ['a', 'b', 'c', 'd', 'e']) add(name, 5_000);
  expect(done).toEqual(['a', 'b']);
  await Promise.resolve();
  add('f', 0);
  expect(done).toEqual(['a', 'b']);
  expect(due).toHaveLength(1);
  nextTurn();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
  nextTurn();
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(due).toEqual([]);
});
