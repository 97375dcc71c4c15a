import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { defineChannels } from '../contract.ts';
import type { AnyChangeEvent } from '../event.ts';
import { createHub } from '../server/hub.ts';
import type { Frame } from '../server/subscriber.ts';
import { feedOf } from '../server/testing-feed.ts';
import { topicAccess } from '../server/topic-access.ts';
import type { LiveHandlers, LiveSource } from './source.ts';
import { createLiveStore } from './store.ts';

const SECOND = 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Row extends AnyChangeEvent {
  readonly channel: 'rows';
}

const definitions = defineChannels<{ row: { id: number; team: number } }>()({
  rows: { table: 'row', columns: ['id', 'team'], audience: ['team:{team}'] },
});
const MINE = 1;

type Step =
  /** One batch: events of these teams. */
  | { readonly do: 'write'; readonly teams: readonly number[] }
  /** So many of the frames that are on their way arrive, or never do. */
  | { readonly do: 'deliver'; readonly count: number }
  | { readonly do: 'drop'; readonly count: number }
  | { readonly do: 'wait'; readonly seconds: number };

const few = fc.integer({ min: 1, max: 3 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        teams: fc.array(fc.constantFrom(MINE, MINE, 2), { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), count: few }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('drop' as const), count: few }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 30) }),
    },
  ),
  { minLength: 20, maxLength: 80, size: 'max' },
);

/** The hub's own frames, on a way where some are lost. `silent`: of a hub that does not count them. */
async function live(plan: readonly Step[], silent = false) {
  const onError = vi.fn<(error: unknown) => void>();
  const hub = createHub({
    definitions,
    onError,
    ...topicAccess<string, Row>({
      definitions,
      viewer: () => Promise.resolve({ topics: [`team:${MINE}`] }),
    }),
  });
  const feed = feedOf(hub);
  const openings: (string | undefined)[] = [];
  let way: { readonly handlers: LiveHandlers<Row>; readonly coming: Frame<Row>[] } | undefined;
  const source: LiveSource<Row> = {
    open({ lastEventId }, handlers) {
      openings.push(lastEventId);
      const own = { handlers, coming: [] as Frame<Row>[] };
      const over = new AbortController();
      way = own;
      void (async () => {
        const frames = await hub.subscribe({ key: 'ada', lastEventId, signal: over.signal });
        for await (const frame of frames) own.coming.push(silent ? uncounted(frame) : frame);
      })();
      return () => {
        over.abort();
        if (way === own) way = undefined;
      };
    },
  };
  const store = createLiveStore<Row>({ source, silenceMs: Infinity, random: () => 0, onError });
  const committed: number[] = [];
  const heard: number[] = [];
  let startedOver = -1;
  /** What was committed before is known: it was fetched. */
  let fetched = 0;
  const remove = store.addListener({
    onEvent: ({ seq }) => void heard.push(seq),
    onResync() {
      startedOver += 1;
      fetched = committed.length;
    },
  });
  const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  let seq = 0;
  const write = (teams: readonly number[]): void => {
    const events = teams.map((team) => {
      seq += 1;
      if (team === MINE) committed.push(seq);
      return { channel: 'rows', operation: 'INSERT', seq, announced_at: '', id: seq, team } as const;
    });
    feed.publish(...events.map((event) => ({ kind: 'change' as const, event })));
  };
  const deliver = (count: number): void => {
    for (let times = 0; times < count; times += 1) {
      const frame = way?.coming.shift();
      if (frame !== undefined) way?.handlers.onData(frame);
    }
  };
  await settle();
  deliver(1);
  // oxlint-disable no-await-in-loop -- one step after the other
  for (const step of plan) {
    if (step.do === 'write') write(step.teams);
    else if (step.do === 'deliver') deliver(step.count);
    else if (step.do === 'drop') way?.coming.splice(0, step.count);
    else await settle(step.seconds * SECOND);
    await settle();
  }
  // From now on the way is good.
  for (let times = 0; times < 10; times += 1) {
    deliver(1_000);
    await settle(15 * SECOND);
  }
  // oxlint-enable no-await-in-loop
  expect(onError).not.toHaveBeenCalled();
  expect(store.getStatus().state).toBe('live');
  remove();
  await settle(2 * SECOND);
  expect(hub.subscriberCount).toBe(0);
  return {
    heard,
    startedOver,
    resumed: openings.filter((position) => position !== undefined).length,
    /** Neither heard nor fetched since. */
    lost: committed.slice(fetched).filter((one) => !heard.includes(one)),
  };
}

function uncounted(frame: Frame<Row>): Frame<Row> {
  return frame.data.channel === 'position' ? { ...frame, data: { channel: 'position' } } : frame;
}

test('whatever is lost on the way, each event is heard once or is fetched', async () => {
  const total = { resumed: 0, startedOver: 0 };
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const { heard, lost, resumed, startedOver } = await live(plan);
      total.resumed += resumed;
      total.startedOver += startedOver;
      expect(lost).toEqual([]);
      expect(new Set(heard).size).toBe(heard.length);
    }),
    { numRuns: 600 },
  );
  expect(total.resumed).toBeGreaterThan(50);
  expect(total.startedOver).toBeGreaterThan(50);
});

test('were the frames not counted, events would be lost, and this would notice', async () => {
  let lives = 0;
  for (const plan of fc.sample(steps, { numRuns: 30, seed: 7 })) {
    // oxlint-disable-next-line no-await-in-loop -- they share the clock
    if ((await live(plan, true)).lost.length > 0) lives += 1;
  }
  expect(lives).toBeGreaterThan(5);
});
