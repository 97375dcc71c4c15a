import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { naive, ours, THROTTLE } from '../testing-helpers/keepers.ts';
import { createWorld, screens, type Answer, type CreateKeeper, type Step } from '../testing-helpers/world.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const screen = fc.constantFrom(...screens);
const after = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }) },
  fc.integer({ min: 1, max: 700 }),
);
const write = fc.record({
  after,
  do: fc.constant('write' as const),
  screen,
  announcedAfter: fc.integer({ min: 0, max: 80 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: write },
  {
    weight: 4,
    arbitrary: fc.record({
      after,
      do: fc.constantFrom('mount', 'unmount', 'enable', 'disable', 'refetch', 'cancel', 'touch', 'remove'),
      screen,
    }),
  },
  { weight: 3, arbitrary: fc.record({ after, do: fc.constantFrom('next page', 'hide', 'show', 'resync') }) },
);
const answerThat = (fails: fc.Arbitrary<boolean>): fc.Arbitrary<Answer> =>
  fc.record({
    takes: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 900 })),
    readsAt: fc.constantFrom(0, 0.5, 1),
    fails,
    abortable: fc.boolean(),
  });
const anyAnswer = answerThat(fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)));
const answers = (answer: fc.Arbitrary<Answer>) => fc.array(answer, { minLength: 1, maxLength: 30 });

const healthyAnswer = answerThat(fc.constant(false));

/** At rest every screen equals the truth, whatever happened before. */
function restsTrue(createKeeper: CreateKeeper) {
  return rests(createKeeper, step, anyAnswer);
}

/** The same where nothing fails and nobody does anything but write. */
function restsTrueInGoodWeather(createKeeper: CreateKeeper) {
  return rests(createKeeper, write, healthyAnswer);
}

function rests(createKeeper: CreateKeeper, happening: fc.Arbitrary<Step>, answer: fc.Arbitrary<Answer>) {
  const life = fc.tuple(
    fc.array(happening, { maxLength: 40 }),
    answers(answer),
    fc.integer({ min: 0, max: 2 }),
  );
  return fc.asyncProperty(life, async ([steps, served, retries]) => {
    const world = createWorld(createKeeper, served, retries);
    try {
      await world.run([
        { after: 0, do: 'mount', screen: 'plain' },
        { after: 0, do: 'mount', screen: 'pages' },
        ...steps,
      ]);
      const allowed = 1 + Math.ceil(world.elapsed() / THROTTLE);
      for (const caused of Object.values(world.caused)) expect(caused).toBeLessThanOrEqual(allowed);
      await world.rest();
      expect(world.wrong()).toEqual([]);
      // Whoever comes back later sees the truth as well.
      for (const back of screens) world.take({ after: 0, do: 'mount', screen: back });
      await world.rest();
      expect(world.wrong()).toEqual([]);
    } finally {
      world.end();
    }
  });
}

/** A screen stays open while only others write. */
const storm = fc.tuple(
  fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 20, maxLength: 120 }),
  fc.integer({ min: 0, max: 40 }),
  answers(healthyAnswer),
);

async function weather(
  createKeeper: CreateKeeper,
  [pauses, announcedAfter, served]: readonly [number[], number, Answer[]],
) {
  const world = createWorld(createKeeper, served);
  const start = Date.now();
  await world.run([
    { after: 0, do: 'mount', screen: 'plain' },
    ...pauses.map((pause): Step => ({ after: pause, do: 'write', screen: 'plain', announcedAfter })),
  ]);
  const duration = Date.now() - start;
  const during = world.requests.plain.length;
  world.end();
  return { world, duration, during, slowest: Math.max(...served.map(({ takes }) => takes)) };
}

/** Never more than 1 + ceil(duration / 250 ms) requests, one at a time. */
function asksLittle(createKeeper: CreateKeeper) {
  return fc.asyncProperty(storm, async (given) => {
    const { world, duration, during } = await weather(createKeeper, given);
    expect(during).toBeLessThanOrEqual(1 + Math.ceil(duration / THROTTLE));
    expect(world.mostInFlight()).toBe(1);
  });
}

/** Under a steady storm the screen moves at least every 250 ms plus two fetch times. */
function keepsMoving(createKeeper: CreateKeeper) {
  return fc.asyncProperty(storm, async (given) => {
    const { world, duration, slowest } = await weather(createKeeper, given);
    const values = world.shown.filter(({ value }, index, all) => value !== all[index - 1]?.value);
    const moves = [0, ...values.map(({ at }) => at), duration];
    const longest = Math.max(...moves.slice(1).map((at, index) => at - (moves[index] ?? 0)));
    // Nothing new can be shown before something new was written and announced.
    const quiet = Math.max(...given[0]) + given[1];
    expect(longest).toBeLessThanOrEqual(THROTTLE + 2 * slowest + quiet);
  });
}

const properties = { restsTrueInGoodWeather, asksLittle, keepsMoving };

test('at rest every screen equals the truth', async () => {
  await fc.assert(restsTrue(ours), { numRuns: 2000 });
});

test('requests never exceed 1 + ceil(duration / 250 ms) per query, one at a time', async () => {
  await fc.assert(asksLittle(ours), { numRuns: 500 });
});

test('under a steady storm the screen moves at least every 250 ms plus two fetch times', async () => {
  await fc.assert(keepsMoving(ours), { numRuns: 500 });
});

// Without these, nobody would know that the properties can fail.
test.each([
  ['invalidate at every event', ['restsTrueInGoodWeather', 'asksLittle', 'keepsMoving']],
  ['invalidate at every event, without cancelling', ['restsTrueInGoodWeather', 'asksLittle']],
  ['invalidate, throttled', ['restsTrueInGoodWeather', 'keepsMoving']],
  ['invalidate, throttled, without cancelling', ['restsTrueInGoodWeather']],
] as const)('%s: violates %s', async (way, violated) => {
  for (const name of violated) {
    const violates: (createKeeper: CreateKeeper) => fc.IAsyncProperty<unknown> = properties[name];
    const found = await fc.check(violates(naive[way]), { numRuns: 200, seed: 7, endOnFailure: true });
    expect({ name, failed: found.failed }).toEqual({ name, failed: true });
  }
});
