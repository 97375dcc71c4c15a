import { expect, test } from 'vitest';

import { rename, twoTeams } from './testing.ts';
import { createTurns } from './turns.ts';

/** Work that ends when the test says so, and what of it has begun. */
function createWork() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => async (): Promise<string> => {
    begun.push(name);
    await new Promise<void>((resolve) => ends.set(name, resolve));
    return name;
  };
  return { begun, work, end: (name: string) => ends.get(name)?.() };
}

const refused = { code: 'TOO_MANY_REQUESTS', message: expect.stringContaining('then ask again') };

test('one works at a time, in the order they came, and who is one too many is refused at once', async () => {
  const { begun, work, end } = createWork();
  const turns = createTurns(2);
  const [first, second, third] = ['a', 'b', 'c'].map((name) => turns.take(work(name)));
  await expect(turns.take(work('d'))).rejects.toMatchObject(refused);
  expect(begun).toEqual(['a']);
  end('a');
  expect(await first).toBe('a');
  const fourth = turns.take(work('e'));
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await second;
  end('c');
  await third;
  end('e');
  await fourth;
  expect(begun).toEqual(['a', 'b', 'c', 'e']);
});

test('work that fails hands its turn on', async () => {
  const turns = createTurns(1);
  const failing = turns.take(() => Promise.reject(new Error('no')));
  const next = turns.take(() => Promise.resolve('yes'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
  expect(await turns.take(() => Promise.resolve('again'))).toBe('again');
});

test('who has gone leaves their place to another, and never works', async () => {
  const { begun, work, end } = createWork();
  const turns = createTurns(1);
  const first = turns.take(work('a'));
  const leaving = new AbortController();
  const second = turns.take(work('b'), leaving.signal);
  leaving.abort(new Error('gone'));
  await expect(second).rejects.toThrow('gone');
  const third = turns.take(work('c'));
  end('a');
  await first;
  end('c');
  expect(await third).toBe('c');
  expect(begun).toEqual(['a', 'c']);
});

test('while a server answers why, four more may wait, and the fifth is told to ask again', async () => {
  await using world = await twoTeams();
  const seq = await rename(world.database);
  const { work, end } = createWork();
  const before = world.services.whyTurns.take(work('before'));
  const asked = Array.from({ length: 5 }, () => world.why(seq, world.ada));
  // None is answered yet, so whichever settles was refused.
  await expect(Promise.race(asked)).rejects.toMatchObject(refused);
  end('before');
  await before;
  const answers = await Promise.allSettled(asked);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
});
