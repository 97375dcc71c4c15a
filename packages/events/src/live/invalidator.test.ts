import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createInvalidator, keys, nothing, type Rules } from './invalidator.ts';
import type { Surroundings } from './surroundings.ts';

interface RoleEvent {
  readonly channel: 'role_changes';
  readonly team_id: number;
}
interface TaskEvent {
  readonly channel: 'task_changes';
}
interface SessionEvent {
  readonly channel: 'session_changes';
}
type AppEvent = RoleEvent | TaskEvent | SessionEvent;

const rules: Rules<AppEvent> = {
  role_changes: { all: keys(['roles']), event: (event) => keys(['roles', event.team_id]) },
  task_changes: { all: keys(['tasks']) },
  session_changes: nothing,
};
const roleEvent: AppEvent = { channel: 'role_changes', team_id: 1 };
const taskEvent: AppEvent = { channel: 'task_changes' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(given: { rules?: Rules<AppEvent> } = {}) {
  let hidden = false;
  const watchers = new Set<() => void>();
  const surroundings: Surroundings = {
    isOnline: () => true,
    isHidden: () => hidden,
    onChange(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
  };
  const queryClient = new QueryClient({
    defaultOptions: {
      queries: { staleTime: Infinity, retry: false, networkMode: 'always', gcTime: Infinity },
    },
  });
  const onError = vi.fn<(error: unknown, what: string) => void>();
  const invalidator = createInvalidator<AppEvent>(queryClient, {
    rules: given.rules ?? rules,
    surroundings,
    onError,
  });

  /** A screen whose fetches take 20 ms. */
  function screen(...queryKey: readonly unknown[]) {
    const requests: number[] = [];
    const outcome: { error?: Error } = {};
    const queryFn = vi.fn<() => Promise<number>>(async () => {
      requests.push(Date.now());
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (outcome.error !== undefined) throw outcome.error;
      return requests.length;
    });
    const observer = new QueryObserver(queryClient, { queryKey, queryFn });
    const query = () => queryClient.getQueryCache().find({ queryKey, exact: true });
    return { requests, outcome, observer, query, mount: () => observer.subscribe(() => undefined) };
  }

  return {
    queryClient,
    invalidator,
    onError,
    screen,
    see(hide: boolean) {
      hidden = hide;
      for (const watcher of watchers) watcher();
    },
    [Symbol.dispose]() {
      invalidator.dispose();
      expect(queryClient.getQueryCache().hasListeners()).toBe(false);
      expect(watchers.size).toBe(0);
      queryClient.clear();
      expect(vi.getTimerCount()).toBe(0);
    },
  };
}

/** Lets the first fetch end. */
const firstFetch = () => vi.advanceTimersByTimeAsync(20);

describe('an event', () => {
  test('has the query fetched at once, then at most every 250 ms, and the last one is not missed', async () => {
    using given = setUp();
    const roles = given.screen('roles', 1);
    const unmount = roles.mount();
    await firstFetch();
    const start = Date.now();
    for (let ms = 0; ms < 600; ms += 10) {
      given.invalidator.onEvent(roleEvent);
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(roles.requests.slice(1).map((at) => at - start)).toEqual([0, 250, 500, 750]);
    unmount();
  });

  test('is not swallowed by a first fetch: the next one begins when that ends', async () => {
    using given = setUp();
    const roles = given.screen('roles', 1);
    const unmount = roles.mount();
    const start = Date.now();
    await vi.advanceTimersByTimeAsync(5);
    given.invalidator.onEvent(roleEvent);
    await vi.advanceTimersByTimeAsync(1000);
    expect(roles.requests.map((at) => at - start)).toEqual([0, 20]);
    unmount();
  });

  test('touches only the queries its rule names, whatever follows in their keys', async () => {
    using given = setUp();
    const one = given.screen('roles', 1, { page: 1 });
    const two = given.screen('roles', 2);
    const tasks = given.screen('tasks');
    const unmount = [one.mount(), two.mount(), tasks.mount()];
    await firstFetch();
    given.invalidator.onEvent(roleEvent);
    given.invalidator.onEvent({ channel: 'session_changes' });
    await firstFetch();
    expect([one, two, tasks].map(({ requests }) => requests.length)).toEqual([2, 1, 1]);
    unmount.forEach((end) => end());
  });

  test('only marks stale what is not on screen; it is fetched when it comes back', async () => {
    using given = setUp();
    const roles = given.screen('roles', 1);
    roles.mount()();
    const unmount = roles.mount();
    await firstFetch();
    unmount();
    given.invalidator.onEvent(roleEvent);
    await vi.advanceTimersByTimeAsync(1000);
    expect(roles.requests).toHaveLength(1);
    expect(roles.query()?.state.isInvalidated).toBe(true);
    const again = roles.mount();
    await vi.advanceTimersByTimeAsync(1000);
    expect(roles.requests).toHaveLength(2);
    again();
  });

  test('only marks stale in a hidden tab; the queries are fetched once when it is seen again', async () => {
    using given = setUp();
    const roles = given.screen('roles', 1);
    const unmount = roles.mount();
    await firstFetch();
    given.see(true);
    given.invalidator.onEvent(roleEvent);
    given.invalidator.onEvent(roleEvent);
    await vi.advanceTimersByTimeAsync(1000);
    expect(roles.requests).toHaveLength(1);
    expect(roles.query()?.state.isInvalidated).toBe(true);
    given.see(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(roles.requests).toHaveLength(2);
    unmount();
  });

  test('marks stale while the throttle is waited for, so that a loader does not take the data for fresh', async () => {
    using given = setUp();
    const roles = given.screen('roles', 1);
    const unmount = roles.mount();
    await firstFetch();
    given.invalidator.onEvent(roleEvent);
    await firstFetch();
    given.invalidator.onEvent(roleEvent);
    expect(roles.requests).toHaveLength(2);
    expect(roles.query()?.state.isInvalidated).toBe(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(roles.requests).toHaveLength(3);
    unmount();
  });

  test('leaves alone what is declared static', async () => {
    using given = setUp();
    const roles = given.screen('roles', 1);
    roles.observer.setOptions({ ...roles.observer.options, staleTime: 'static' });
    const unmount = roles.mount();
    await firstFetch();
    given.invalidator.onEvent(roleEvent);
    await expect(given.invalidator.onResync({})).resolves.toBeUndefined();
    expect(roles.requests).toHaveLength(1);
    expect(roles.query()?.state.isInvalidated).toBe(false);
    unmount();
  });

  test('on a channel that the page does not know yet is ignored', async () => {
    using given = setUp();
    const roles = given.screen('roles', 1);
    const unmount = roles.mount();
    await firstFetch();
    for (const channel of ['other_changes', 'toString']) {
      given.invalidator.onEvent({ channel } as unknown as AppEvent);
    }
    expect(given.onError).not.toHaveBeenCalled();
    expect(roles.requests).toHaveLength(1);
    unmount();
  });

  test('whose rule throws is reported, and touches all that its channel can touch', async () => {
    const fault = new Error('a fault in the rule');
    using given = setUp({
      rules: {
        ...rules,
        role_changes: {
          all: keys(['roles']),
          event() {
            throw fault;
          },
        },
      },
    });
    const roles = given.screen('roles', 2);
    const unmount = roles.mount();
    await firstFetch();
    given.invalidator.onEvent(roleEvent);
    await firstFetch();
    expect(given.onError).toHaveBeenCalledWith(fault, expect.stringContaining('role_changes'));
    expect(roles.requests).toHaveLength(2);
    unmount();
  });
});

describe('a fetch that fails', () => {
  test('is reported and tried again after growing pauses, until it succeeds', async () => {
    using given = setUp();
    const roles = given.screen('roles', 1);
    const unmount = roles.mount();
    await firstFetch();
    roles.outcome.error = new Error('hiccup');
    given.invalidator.onEvent(roleEvent);
    await vi.advanceTimersByTimeAsync(3000);
    const failed = roles.requests.length - 1;
    const pauses = roles.requests.slice(2).map((at, index) => at - (roles.requests[index + 1] ?? 0));
    expect(pauses.slice(0, 2)).toEqual([520, 1020]);
    expect(given.onError).toHaveBeenCalledTimes(failed);
    delete roles.outcome.error;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(roles.requests).toHaveLength(1 + failed + 1);
    expect(roles.observer.getCurrentResult()).toMatchObject({
      status: 'success',
      data: roles.requests.length,
    });
    unmount();
  });

  test.each(['FORBIDDEN', 'NOT_FOUND', 'UNAUTHORIZED', 'BAD_REQUEST'])(
    'with %s is shown, and not asked for again until the next event',
    async (code) => {
      using given = setUp();
      const roles = given.screen('roles', 1);
      const unmount = roles.mount();
      await firstFetch();
      roles.outcome.error = Object.assign(new Error('no'), { data: { code } });
      given.invalidator.onEvent(roleEvent);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(roles.requests).toHaveLength(2);
      expect(roles.observer.getCurrentResult().status).toBe('error');
      given.invalidator.onEvent(roleEvent);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(roles.requests).toHaveLength(3);
      unmount();
    },
  );

  test('without an event before it is nobody’s business but the screen’s', async () => {
    using given = setUp();
    const roles = given.screen('roles', 1);
    const unmount = roles.mount();
    await firstFetch();
    given.invalidator.onEvent(roleEvent);
    await firstFetch();
    roles.outcome.error = new Error('hiccup');
    void roles.observer.refetch();
    await firstFetch();
    // The refetch was somebody’s own, and nothing had changed.
    await vi.advanceTimersByTimeAsync(60_000);
    expect(roles.requests.length).toBe(3);
    unmount();
  });
});

describe('a resync', () => {
  test('has everything on screen fetched, and settles when all of it was', async () => {
    using given = setUp();
    const roles = given.screen('roles', 1);
    const other = given.screen('of no channel');
    const unmount = [roles.mount(), other.mount()];
    await vi.advanceTimersByTimeAsync(15);
    const settled = vi.fn<() => void>();
    void given.invalidator.onResync({}).then(settled);
    // The first fetches end, but they began before.
    await vi.advanceTimersByTimeAsync(15);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(15);
    expect(settled).toHaveBeenCalledOnce();
    expect([roles, other].map(({ requests }) => requests.length)).toEqual([2, 2]);
    unmount.forEach((end) => end());
  });

  test('is not settled by an optimistic update', async () => {
    using given = setUp();
    const tasks = given.screen('tasks');
    const unmount = tasks.mount();
    await firstFetch();
    const settled = vi.fn<() => void>();
    void given.invalidator.onResync({}).then(settled);
    given.queryClient.setQueryData(['tasks'], 100);
    await vi.advanceTimersByTimeAsync(10);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(10);
    expect(settled).toHaveBeenCalledOnce();
    unmount();
  });

  test('of some channels concerns the queries that their rules name', async () => {
    using given = setUp();
    const roles = given.screen('roles', 2);
    const tasks = given.screen('tasks');
    const unmount = [roles.mount(), tasks.mount()];
    await firstFetch();
    const done = given.invalidator.onResync({
      channels: ['role_changes', 'session_changes', 'unknown_changes'],
    });
    await firstFetch();
    await done;
    expect([roles, tasks].map(({ requests }) => requests.length)).toEqual([2, 1]);
    unmount.forEach((end) => end());
  });

  test('does not wait for what failed, left the screen, was removed, or cannot be seen', async () => {
    using given = setUp();
    const failing = given.screen('failing');
    const leaving = given.screen('leaving');
    const removed = given.screen('removed');
    const unmount = [failing.mount(), leaving.mount(), removed.mount()] as const;
    await firstFetch();
    failing.outcome.error = Object.assign(new Error('no'), { data: { code: 'FORBIDDEN' } });
    const done = given.invalidator.onResync({});
    unmount[1]();
    unmount[2]();
    given.queryClient.removeQueries({ queryKey: ['removed'] });
    await firstFetch();
    await expect(done).resolves.toBeUndefined();
    given.see(true);
    await expect(given.invalidator.onResync({})).resolves.toBeUndefined();
    unmount[0]();
  });

  test('settles under a storm of events', async () => {
    using given = setUp();
    const tasks = given.screen('tasks');
    const unmount = tasks.mount();
    await firstFetch();
    const settled = vi.fn<() => void>();
    void given.invalidator.onResync({}).then(settled);
    for (let ms = 0; ms < 30; ms += 5) {
      given.invalidator.onEvent(taskEvent);
      await vi.advanceTimersByTimeAsync(5);
    }
    expect(settled).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(1000);
    unmount();
  });

  test('settles when the invalidator is disposed of, which also drops what it had scheduled', async () => {
    using given = setUp();
    const tasks = given.screen('tasks');
    const unmount = tasks.mount();
    await firstFetch();
    given.invalidator.onEvent(taskEvent);
    await firstFetch();
    const done = given.invalidator.onResync({});
    expect(vi.getTimerCount()).toBe(1);
    given.invalidator.dispose();
    await expect(done).resolves.toBeUndefined();
    unmount();
  });
});
