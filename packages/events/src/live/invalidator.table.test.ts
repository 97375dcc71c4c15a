import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { naive, ours } from '../testing-helpers/keepers.ts';
import { type CreateKeeper, createWorld, type Step } from '../testing-helpers/world.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const SECOND = 1000;
/** A fetch takes this long, and reads at its beginning: a slow network, or a slow query. */
const FETCH = 400;

const ways: Readonly<Record<string, CreateKeeper>> = {
  '`invalidateQueries`': naive['invalidate at every event'],
  'with `cancelRefetch: false`': naive['invalidate at every event, without cancelling'],
  'throttled to 250 ms': naive['invalidate, throttled'],
  'throttled, `cancelRefetch: false`': naive['invalidate, throttled, without cancelling'],
  '`createInvalidator`': ours,
};

const write = (after: number): Step => ({ after, do: 'write', screen: 'plain', announcedAfter: 0 });

/** What happens to a screen that has just been opened. */
const happenings: Readonly<Record<string, readonly Step[]>> = {
  'One change, during the first fetch': [write(100)],
  'Two changes, the second during the fetch that the first one caused': [write(SECOND), write(300)],
  'A change every 50 ms, for 5 s': [write(SECOND), ...Array.from({ length: 100 }, () => write(50))],
};

interface Outcome {
  /** What the screen shows in the end, long after the last change. */
  readonly ends: 'right' | 'stale';
  /** From the first change on, the longest time in which the screen showed nothing new; in milliseconds. */
  readonly still: number;
  /** How long after the last change it showed the last new thing, in milliseconds. */
  readonly settled: number;
  readonly requests: number;
}

async function happen(createKeeper: CreateKeeper, steps: readonly Step[]): Promise<Outcome> {
  const world = createWorld(createKeeper, [{ takes: FETCH, readsAt: 0, fails: false, abortable: false }]);
  const [first = 0, ...others] = steps.map(({ after }) => after);
  const last = first + others.reduce((sum, after) => sum + after, 0);
  await world.run([{ after: 0, do: 'mount', screen: 'plain' }, ...steps]);
  // Far more than anything here takes: what is wrong now stays so.
  await vi.advanceTimersByTimeAsync(60 * SECOND);
  const ends = world.wrong().length === 0 ? 'right' : 'stale';
  const moves = world.shown
    .filter(({ value }, index) => value > 0 && value !== world.shown[index - 1]?.value)
    .map(({ at }) => at);
  const times = [first, ...moves.filter((at) => at > first), ...(ends === 'right' ? [] : [last])];
  const still = Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? 0)));
  const settled = (moves.at(-1) ?? 0) - last;
  const requests = world.requests.plain.length;
  world.end();
  return { ends, still, settled, requests };
}

const inSeconds = (ms: number): string => `${(ms / SECOND).toFixed(1)} s`;

function inWords({ ends, still, settled, requests }: Outcome, isStorm: boolean): string {
  const asked = `${requests} ${requests === 1 ? 'request' : 'requests'}`;
  if (ends === 'stale') return `stale for good; ${asked}`;
  return isStorm
    ? `still for up to ${inSeconds(still)}; ${asked}`
    : `right after ${inSeconds(settled)}; ${asked}`;
}

const rowsOf = (markdown: string): string[][] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('| -') && !line.startsWith('|-'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

test('the page’s table of what goes wrong without it is what happens', async () => {
  const outcomes = new Map<string, Outcome[]>();
  for (const [happening, steps] of Object.entries(happenings)) {
    const row: Outcome[] = [];
    // oxlint-disable-next-line no-await-in-loop -- one clock
    for (const createKeeper of Object.values(ways)) row.push(await happen(createKeeper, steps));
    outcomes.set(happening, row);
  }
  const page = readFileSync(join(import.meta.dirname, '../../docs/invalidator.md'), 'utf8');
  expect(rowsOf(page)).toEqual([
    ['', ...Object.keys(ways)],
    ...[...outcomes].map(([happening, row]) => [
      happening,
      ...row.map((outcome) => inWords(outcome, happening.includes('every'))),
    ]),
  ]);

  // What the page says in words.
  const [during, twice, storm] = [...outcomes.values()] as [Outcome[], Outcome[], Outcome[]];
  expect(during.map(({ ends }) => ends)).toEqual(['stale', 'stale', 'stale', 'stale', 'right']);
  expect(twice.map(({ ends }) => ends)).toEqual(['right', 'stale', 'right', 'stale', 'right']);
  expect(storm[0]?.still).toBeGreaterThan(5 * SECOND);
  expect(storm[2]?.still).toBeGreaterThan(5 * SECOND);
  expect(storm[4]).toMatchObject({ ends: 'right' });
  expect(storm[4]?.still).toBeLessThanOrEqual(250 + 2 * FETCH);
});
