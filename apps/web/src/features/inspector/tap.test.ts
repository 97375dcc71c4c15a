import type { LiveHandlers } from '@processflow/events/react';
import { expect, test, vi } from 'vitest';

import { createTap } from './tap.ts';

interface RoleEvent {
  readonly channel: 'role_changes';
}

function setUp() {
  let now = 10_000;
  const tap = createTap<RoleEvent>(() => now);
  const opened: LiveHandlers<RoleEvent>[] = [];
  const source = tap.through({
    open(_input, handlers) {
      opened.push(handlers);
      return () => undefined;
    },
  });
  const heard = vi.fn<(frame: unknown) => void>();
  const handlers = {
    onData: heard,
    onError: () => undefined,
    onComplete: () => undefined,
    onConnectionStateChange: () => undefined,
  };
  return {
    tap,
    heard,
    /** Opens a stream, whose first frame comes 60 ms later. */
    greet(theirs: number) {
      source.open({}, handlers);
      now += 60;
      opened.at(-1)?.onData({ id: 'a-1', data: { channel: 'position', now: theirs } });
    },
    send: (columns: object = {}) =>
      opened.at(-1)?.onData({ id: 'a-2', data: { channel: 'role_changes', ...columns } }),
  };
}

test('passes every frame on, and knows the position and how often a stream was opened', () => {
  const given = setUp();
  given.greet(10_030);
  given.send();
  expect(given.heard).toHaveBeenCalledTimes(2);
  expect(given.tap.link).toEqual({ opened: 1, position: 'a-2', serverAhead: 0 });
  given.greet(10_090);
  expect(given.tap.link).toMatchObject({ opened: 2, position: 'a-1' });
});

test.each([
  ['agree, as far as can be told', 10_001, 0],
  ['differ: the server is ahead', 15_060, 5_000],
  ['differ: the server is behind', 5_060, -5_000],
])('clocks that %s', (_, theirs, ahead) => {
  const given = setUp();
  given.greet(theirs);
  expect(given.tap.link.serverAhead).toBe(ahead);
});

test('a row’s column called "now" is no clock', () => {
  const given = setUp();
  given.greet(10_030);
  given.send({ now: 5 });
  expect(given.tap.link.serverAhead).toBe(0);
});

test('tells onlookers until they look away', () => {
  const { tap } = setUp();
  const seen = vi.fn<() => void>();
  const lookAway = tap.look(seen);
  tap.onTouched({ event: { channel: 'role_changes' } }, []);
  lookAway();
  tap.onTouched({ event: { channel: 'role_changes' } }, []);
  expect(seen).toHaveBeenCalledOnce();
});
