import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWire, type RowEvent, type WireOptions } from '../testing-helpers/wire-model.ts';
import { createLiveStore } from './store.ts';
import type { Surroundings } from './surroundings.ts';

const SECOND = 1000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Step =
  | { readonly do: 'write'; readonly writer: number; readonly row: number; readonly mine: boolean }
  | { readonly do: 'commit' | 'rollback'; readonly writer: number }
  | { readonly do: 'deliver'; readonly count: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'read' | 'break' | 'hide' | 'show' | 'go dark' | 'come back' | 'prune' };

const writer = fc.integer({ min: 1, max: 4 });
const write = fc.record({
  do: fc.constant('write' as const),
  writer,
  row: fc.integer({ min: 1, max: 5 }),
  mine: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
});
const usual: fc.WeightedArbitrary<Step>[] = [
  { weight: 8, arbitrary: write },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('commit', 'commit', 'rollback'), writer }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read') }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('deliver'), count: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('break') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('hide', 'show', 'go dark', 'come back') }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(1, 600, 9 * SECOND, 90 * SECOND) }),
  },
];
const forgetful: fc.WeightedArbitrary<Step> = {
  weight: 2,
  arbitrary: fc.record({ do: fc.constant('prune') }),
};
const LIFE = { minLength: 20, maxLength: 120, size: 'max' } as const;
const wire: fc.Arbitrary<WireOptions> = fc.record({
  lastHeardCloses: fc.boolean(),
  tellsEmpty: fc.boolean(),
  spread: fc.constantFrom(0, 5 * SECOND),
});

/** What the listener heard by the end of such a life, when everything that was on its way has arrived. */
function live(options: WireOptions, steps: readonly Step[]) {
  const server = createWire(options);
  let hidden = false;
  let seen = (): void => undefined;
  const surroundings: Surroundings = {
    isOnline: () => true,
    isHidden: () => hidden,
    onChange: (listener) => ((seen = listener), () => undefined),
  };
  const onError = vi.fn<(error: unknown, what: string) => void>();
  const store = createLiveStore<RowEvent>({
    source: server.source,
    surroundings,
    random: () => 0.5,
    onError,
  });
  const heard: RowEvent[] = [];
  const resyncs: string[] = [];
  /** Everything committed before the last refetch is known by it. */
  let fetched = 0;
  store.addListener({
    onEvent: (event) => void heard.push(event),
    onResync({ reason }) {
      resyncs.push(reason);
      fetched = server.committed.length;
    },
  });
  const see = (how: boolean) => {
    hidden = how;
    seen();
  };
  const take = (step: Step): void => {
    if (step.do === 'write') server.write(step.writer, step.row, step.mine);
    else if (step.do === 'commit' || step.do === 'rollback') server.end(step.writer, step.do);
    else if (step.do === 'deliver') server.deliver(step.count);
    else if (step.do === 'wait') vi.advanceTimersByTime(step.ms);
    else if (step.do === 'hide' || step.do === 'show') see(step.do === 'hide');
    else if (step.do === 'go dark' || step.do === 'come back') server.reach(step.do === 'come back');
    else server[step.do]();
  };
  server.deliver(1);
  steps.forEach(take);

  // Peace: the writers end, the network holds, the page is seen.
  for (let each = 1; each <= 4; each++) server.end(each, 'commit');
  server.read();
  server.reach(true);
  see(false);
  for (let times = 0; times < 100; times++) {
    vi.advanceTimersByTime(SECOND);
    server.deliver(Infinity);
  }
  expect(onError).not.toHaveBeenCalled();
  expect(store.getStatus().state).toBe('live');
  const missed = server.committed.slice(fetched).filter(({ mine }) => mine);
  store.close();
  return {
    heard,
    resyncs,
    openings: server.openings.length,
    committed: server.committed.filter(({ mine }) => mine).map(({ event }) => event),
    /** Neither told nor fetched since. */
    lost: missed.filter(({ event }) => !heard.some(({ was }) => was === event.was)),
  };
}

const inOrder = (events: readonly RowEvent[]) =>
  events.every(({ row, was }, index) =>
    events.slice(0, index).every((one) => one.row !== row || one.was < was),
  );

const numbers = (events: readonly RowEvent[]) => events.map(({ was }) => was).toSorted((a, b) => a - b);

test('whenever the stream breaks, each event is heard once and in its row’s order, and nothing is fetched again', () => {
  let breaks = 0;
  fc.assert(
    fc.property(wire, fc.array(fc.oneof(...usual), LIFE), (options, steps) => {
      const { heard, committed, resyncs, openings } = live(options, steps);
      breaks += openings - 1;
      expect(numbers(heard)).toEqual(numbers(committed));
      expect(inOrder(heard)).toBe(true);
      expect(resyncs).toEqual(['opened']);
    }),
    { numRuns: 400 },
  );
  expect(breaks).toBeGreaterThan(800);
});

test('where the log forgets meanwhile, what is not heard is fetched, and nothing is heard twice', () => {
  let startedOver = 0;
  fc.assert(
    fc.property(wire, fc.array(fc.oneof(...usual, forgetful), LIFE), (options, steps) => {
      const { heard, lost, resyncs } = live(options, steps);
      startedOver += resyncs.length - 1;
      expect(lost).toEqual([]);
      expect(new Set(numbers(heard)).size).toBe(heard.length);
      expect(inOrder(heard)).toBe(true);
    }),
    { numRuns: 400 },
  );
  expect(startedOver).toBeGreaterThan(20);
});

/** How often such lives end with something heard twice, or never. */
function faulty(fault: WireOptions['fault']) {
  const found = { twice: 0, never: 0 };
  const lives = fc.sample(fc.tuple(wire, fc.array(fc.oneof(...usual), LIFE)), {
    numRuns: 300,
    seed: 7,
  });
  for (const [options, steps] of lives) {
    const { heard, committed } = live({ ...options, fault }, steps);
    const once = new Set(numbers(heard));
    if (once.size < heard.length) found.twice += 1;
    if (committed.some(({ was }) => !once.has(was))) found.never += 1;
  }
  return found;
}

test('a wire whose every event closed its batch would lose events, and this would notice', () => {
  expect(faulty('every event closes its batch').never).toBeGreaterThan(0);
});

test('without numbers events would be heard twice, and this would notice', () => {
  expect(faulty('no numbers').twice).toBeGreaterThan(0);
});
