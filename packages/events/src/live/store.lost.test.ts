import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { role, setUp } from '../testing-helpers/live-store.ts';

const SECOND = 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A stream that stands, and a server that counts what it sends on it; `lose` sends what does not arrive. */
function standing() {
  const given = setUp();
  given.listen();
  given.frame('a', { channel: 'position' });
  let sent = 1;
  const count = (send: () => void) => {
    send();
    sent += 1;
  };
  return {
    ...given,
    event: (id: string, seq: number) => count(() => given.frame(id, role(seq))),
    lose: (frames = 1) => void (sent += frames),
    position: (id: string) => count(() => given.frame(id, { channel: 'position', sent })),
    /** Until the next attempt, if there is to be one. */
    reopened: () => {
      vi.advanceTimersByTime(SECOND);
      return given.streams.map(({ input }) => input.lastEventId);
    },
  };
}

test('a stream of which nothing was lost goes on', () => {
  const { event, position, reopened, heard, state } = standing();
  position('a');
  event('b', 1);
  position('b');
  position('c');
  event('d', 2);
  expect(reopened()).toEqual([undefined]);
  expect([heard, state()]).toEqual([[1, 2], 'live']);
});

test.each([
  ['a batch of one', () => undefined, 1],
  ['a whole batch', () => undefined, 3],
  ['the last of a batch', (event: (id: string, seq: number) => void) => event('a', 1), 1],
])('where %s was lost it goes on from before it', (_, before, lost) => {
  const { event, lose, position, reopened, frame, heard, resyncs, store, last, streams } = standing();
  before(event);
  lose(lost);
  position('b');
  expect(store.getStatus()).toMatchObject({
    state: 'connecting',
    reason: 'Something was lost on the way; trying again',
  });
  expect(last().closed).toBe(true);
  expect(reopened()).toEqual([undefined, 'a']);
  frame('a', { channel: 'position' });
  frame('a', role(1));
  frame('a', role(2));
  frame('b', role(3));
  // The new stream is counted from its own beginning.
  frame('b', { channel: 'position', sent: 4 });
  expect(streams).toHaveLength(2);
  expect(heard).toEqual([1, 2, 3]);
  expect(resyncs).toEqual([{ reason: 'opened' }]);
});

test('what was lost before a position that it has moved past cannot be told: it starts over', () => {
  const { event, lose, position, reopened, frame, heard, resyncs } = standing();
  lose();
  event('c', 2);
  position('c');
  expect(reopened()).toEqual([undefined, undefined]);
  frame('c', { channel: 'position' });
  expect(resyncs).toEqual([{ reason: 'opened' }, { reason: 'opened' }]);
  expect(heard).toEqual([2]);
});

test('what came between two positions that agree is settled: a later loss goes on from the second', () => {
  const { event, lose, position, reopened } = standing();
  event('b', 1);
  event('c', 2);
  position('d');
  lose();
  position('e');
  expect(reopened()).toEqual([undefined, 'd']);
});

test('a stream that began with a position from later on had lost its first frame', () => {
  const given = setUp();
  given.listen();
  given.frame('a', { channel: 'position', sent: 1 });
  expect(given.heard).toEqual([]);
  vi.advanceTimersByTime(SECOND);
  expect(given.streams.map(({ input }) => input.lastEventId)).toEqual([undefined, undefined]);
});

test('the positions of a server that does not count say nothing of what was lost', () => {
  const { event, lose, frame, reopened, state } = standing();
  event('b', 1);
  lose();
  frame('c', { channel: 'position' });
  expect(reopened()).toEqual([undefined]);
  expect(state()).toBe('live');
});

test('a frame that could not be handled has come all the same', () => {
  const { position, last, lose, reopened, onError } = standing();
  last().handlers.onData({ id: 'b', data: null as never });
  lose();
  expect(onError).toHaveBeenCalledOnce();
  position('b');
  expect(reopened()).toEqual([undefined]);
});
