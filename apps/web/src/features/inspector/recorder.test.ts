import { createInvalidator } from '@processflow/events/react';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { getQueryKey } from '@trpc/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { rules, type LiveEvent } from '../../live.ts';
import { trpc } from '../../trpc.ts';
import { shownAfter, type Entry } from './entry.ts';
import { createRecorder, KEPT } from './recorder.ts';
import { createTap } from './tap.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

const ofTeam = (teamId: number) => ({
  tasks: getQueryKey(trpc.task.list, { teamId, filter: 'mine' }, 'query'),
  task: getQueryKey(trpc.task.get, { teamId, id: 12 }, 'query'),
  otherTask: getQueryKey(trpc.task.get, { teamId, id: 13 }, 'query'),
  members: getQueryKey(trpc.member.list, { teamId }, 'query'),
});

/** Announced 8 ms before it is heard. */
const completed = (announcedAt = NOW - 8): LiveEvent => ({
  operation: 'UPDATE',
  seq: 1,
  announced_at: new Date(announcedAt).toISOString(),
  changed: ['status'],
  channel: 'flow_element_instance_changes',
  id: 12,
  status: 'Completed',
  is_part_of: 4,
  instance_of: 3,
  team_id: 1,
  assigned_role_id: null,
  claimed_by: null,
  claimed_at: null,
  completed_by: null,
  completed_at: null,
  started_at: '2026-01-01T00:00:00Z',
});

function setUp({ isHidden = false } = {}) {
  const queryClient = new QueryClient({
    defaultOptions: {
      queries: { staleTime: Infinity, gcTime: Infinity, retry: false, networkMode: 'always' },
    },
  });
  const cache = queryClient.getQueryCache();
  const tap = createTap<LiveEvent>();
  const surroundings = { isOnline: () => true, isHidden: () => isHidden, onChange: () => () => undefined };
  const onError = vi.fn<(error: unknown) => void>();
  const invalidator = createInvalidator<LiveEvent>(queryClient, {
    rules,
    onTouched: tap.onTouched,
    surroundings,
    onError,
  });
  const recorder = createRecorder({
    tap,
    cache,
    rules,
    isHidden: () => isHidden,
    // A paint takes 5 ms.
    afterPaint: (painted) => setTimeout(painted, 5),
  });
  const stop = recorder.start();

  return {
    queryClient,
    cache,
    tap,
    invalidator,
    recorder,
    stop,
    /** A query on screen whose fetches take 20 ms. */
    show(queryKey: readonly unknown[], answer: () => unknown = () => 'fetched') {
      queryClient.setQueryData(queryKey, 'known');
      const queryFn = () => new Promise((resolve) => setTimeout(resolve, 20)).then(answer);
      return new QueryObserver(queryClient, { queryKey, queryFn }).subscribe(() => undefined);
    },
    /** Of one of the entries, by the query's name. */
    outcomes: (index = -1) =>
      Object.fromEntries(
        (at(recorder.get().entries, index)?.verdicts ?? []).map((verdict) => [
          verdict.name + verdict.input,
          verdict.outcome,
        ]),
      ),
    entry: (index = -1) => at(recorder.get().entries, index),
    [Symbol.dispose]() {
      stop();
      invalidator.dispose();
      queryClient.clear();
      expect(cache.hasListeners()).toBe(false);
    },
  };
}

function at(entries: readonly Entry[], index: number): Entry | undefined {
  return entries.at(index);
}

test('says of every query what became of it: fetched again, marked, or left alone, and why', async () => {
  using given = setUp();
  given.show(ofTeam(1).tasks);
  given.queryClient.setQueryData(ofTeam(1).task, 'known');
  given.queryClient.setQueryData(ofTeam(1).otherTask, 'known');
  given.queryClient.setQueryData(ofTeam(1).members, 'known');
  given.queryClient.setQueryData(ofTeam(2).tasks, 'known');
  given.invalidator.onEvent(completed());

  const rest = {
    'task.get{"teamId":1,"id":12}': { kind: 'marked', why: 'Not on screen: fetched again when it is shown.' },
    'task.get{"teamId":1,"id":13}': {
      kind: 'untouched',
      why: 'The rule names task.get, but the event is about another row than this input.',
    },
    'member.list{"teamId":1}': {
      kind: 'untouched',
      why: 'The rule of flow_element_instance_changes does not name member.list.',
    },
    'task.list{"teamId":2,"filter":"mine"}': {
      kind: 'untouched',
      why: 'Of another team: this is of team 2, the event of team 1.',
    },
  };
  expect(given.outcomes()).toEqual({ 'task.list{"teamId":1,"filter":"mine"}': { kind: 'waiting' }, ...rest });
  expect(given.entry()).toMatchObject({ age: 8, heardAt: NOW });

  await vi.advanceTimersByTimeAsync(200);
  expect(given.outcomes()).toEqual({
    'task.list{"teamId":1,"filter":"mine"}': { kind: 'fetched', ms: 25 },
    ...rest,
  });
  expect(shownAfter(given.entry()!)).toBe(33);
});

test('a fetch that began before the event is not taken for the one it caused', async () => {
  using given = setUp();
  given.show(ofTeam(1).tasks);
  given.invalidator.onEvent(completed());
  await vi.advanceTimersByTimeAsync(10);
  given.invalidator.onEvent(completed(NOW));
  await vi.advanceTimersByTimeAsync(150);
  expect(given.outcomes(0)).toMatchObject({
    'task.list{"teamId":1,"filter":"mine"}': { kind: 'fetched', ms: 25 },
  });
  expect(given.outcomes(1)).toMatchObject({ 'task.list{"teamId":1,"filter":"mine"}': { kind: 'waiting' } });
  // Throttled to one in 250 ms, then 20 ms for the fetch and 5 ms to paint.
  await vi.advanceTimersByTimeAsync(500);
  expect(given.outcomes(1)).toMatchObject({
    'task.list{"teamId":1,"filter":"mine"}': { kind: 'fetched', ms: 265 },
  });
});

test('a fetch that fails is said to have failed', async () => {
  using given = setUp();
  const stop = given.show(ofTeam(1).tasks, () => Promise.reject(new Error('out of order')));
  given.invalidator.onEvent(completed());
  await vi.advanceTimersByTimeAsync(25);
  stop();
  await vi.advanceTimersByTimeAsync(200);
  expect(given.outcomes()).toMatchObject({ 'task.list{"teamId":1,"filter":"mine"}': { kind: 'failed' } });
  expect(shownAfter(given.entry()!)).toBeNull();
});

test('a query that leaves the screen before its turn is said to be marked only', async () => {
  using given = setUp();
  const stop = given.show(ofTeam(1).tasks);
  given.invalidator.onEvent(completed());
  await vi.advanceTimersByTimeAsync(50);
  given.invalidator.onEvent(completed());
  stop();
  await vi.advanceTimersByTimeAsync(100);
  expect(given.outcomes()).toMatchObject({
    'task.list{"teamId":1,"filter":"mine"}': { kind: 'marked', why: 'It left the screen before its turn.' },
  });
});

test('in a tab in the background all is only marked', () => {
  using given = setUp({ isHidden: true });
  given.show(ofTeam(1).tasks);
  given.invalidator.onEvent(completed());
  expect(given.outcomes()).toMatchObject({
    'task.list{"teamId":1,"filter":"mine"}': { kind: 'marked', why: expect.stringContaining('background') },
  });
});

test('a resync stands in the list with its reason, and touches what its channels’ rules name', async () => {
  using given = setUp();
  given.queryClient.setQueryData(ofTeam(1).tasks, 'known');
  given.queryClient.setQueryData(ofTeam(1).members, 'known');
  await given.invalidator.onResync({ reason: 'truncated-table', channels: ['process_instance_changes'] });
  expect(given.outcomes()).toEqual({
    'task.list{"teamId":1,"filter":"mine"}': { kind: 'marked', why: expect.anything() },
    'member.list{"teamId":1}': {
      kind: 'untouched',
      why: 'The resync is of process_instance_changes only, whose rules do not name member.list.',
    },
  });
  expect(given.entry()).toMatchObject({ age: null, cause: { resync: { reason: 'truncated-table' } } });
  expect(given.recorder.get()).toMatchObject({ resyncs: 1, lastResync: 'truncated-table' });
});

test('keeps a bounded number; paused, it goes on counting, and brings the newest when it goes on', async () => {
  using given = setUp();
  const hear = async (count: number) => {
    for (let nth = 0; nth < count; nth++) given.invalidator.onEvent(completed());
    await vi.advanceTimersByTimeAsync(100);
  };
  await hear(KEPT + 20);
  expect(given.recorder.get().entries).toHaveLength(KEPT);
  expect(given.entry()?.number).toBe(KEPT + 20);

  given.recorder.pause();
  await hear(KEPT + 30);
  expect(given.recorder.get()).toMatchObject({ paused: true, missed: KEPT + 30 });
  expect(given.recorder.get().entries).toHaveLength(KEPT);
  expect(given.entry()?.number).toBe(KEPT + 20);

  given.recorder.resume();
  expect(given.recorder.get().entries).toHaveLength(KEPT);
  expect(given.entry()?.number).toBe(2 * KEPT + 50);
  given.recorder.clear();
  expect(given.recorder.get().entries).toEqual([]);
});

test('under a storm of events tells its listeners at most ten times a second', async () => {
  using given = setUp();
  const told = vi.fn<() => void>();
  given.recorder.subscribe(told);
  for (let ms = 0; ms < 1000; ms++) {
    given.invalidator.onEvent(completed());
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as they come
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(told.mock.calls.length).toBeLessThanOrEqual(11);
  expect(told.mock.calls.length).toBeGreaterThan(5);
});

test('while nobody looks, nothing is listened to and nothing is kept', async () => {
  using given = setUp();
  given.show(ofTeam(1).tasks);
  given.stop();
  const listeners = given.cache.hasListeners();
  given.invalidator.onEvent(completed());
  await vi.advanceTimersByTimeAsync(500);
  expect(given.recorder.get().entries).toEqual([]);
  given.invalidator.dispose();
  expect([listeners, given.cache.hasListeners()]).toEqual([true, false]);
});
