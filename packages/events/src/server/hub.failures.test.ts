import { expect, test } from 'vitest';

import { EventsError } from '../error.ts';
import type { AnyChangeEvent } from '../event.ts';
import { type Access, type LoadViewers, Revocation } from './access.ts';
import { createHub } from './hub.ts';
import { feedOf } from './testing-feed.ts';

const definitions = {
  notes: { table: 'note', columns: ['id'], audience: ['all:{id}'] },
  members: { table: 'member', columns: ['id'], audience: ['all:{id}'] },
  hidden: { table: 'hidden', columns: ['id'], audience: ['all:{id}'], internal: true },
} as const;

type Overrides = Partial<Access<string, AnyChangeEvent>>;

/** A hub whose viewers are their keys, and all hear everything. */
function setUp(overrides: Overrides = {}, load: LoadViewers<string, string> = async (keys) => keys) {
  const errors: unknown[] = [];
  const scheduled: { run: () => void; ms: number }[] = [];
  const hub = createHub<string, string, AnyChangeEvent>({
    definitions,
    onError: (error) => errors.push(error),
    load,
    now: () => 0,
    schedule(run, ms) {
      const entry = { run, ms };
      scheduled.push(entry);
      return () => void (scheduled.includes(entry) && scheduled.splice(scheduled.indexOf(entry), 1));
    },
    access: {
      channels: new Set(['members']),
      topics: () => ['all:1'],
      expiresAt: () => 1_000_000,
      narrow: (viewer) => viewer,
      widen: (viewer) => viewer,
      ...overrides,
    },
  });
  const feed = feedOf(hub);
  const publish = (channel: string, seq: number) =>
    feed.publish({ kind: 'change', event: { channel, operation: 'INSERT', seq, announced_at: '', id: 1 } });
  /** Runs what is scheduled within so many milliseconds, once. */
  const pass = (ms: number) => {
    for (const entry of scheduled.filter((one) => one.ms <= ms)) {
      scheduled.splice(scheduled.indexOf(entry), 1);
      entry.run();
    }
  };
  return { hub, feed, errors, publish, pass };
}

const settled = () => new Promise(setImmediate);
const opened = async ({ hub }: ReturnType<typeof setUp>, key: string, options = {}) => {
  const frames = await hub.subscribe({ key, ...options });
  expect((await frames.next()).value.data.channel).toBe('position');
  return frames;
};

const boom = new Error('boom');
const failFor = <Result>(viewer: string, otherwise: Result): Result => {
  if (viewer === 'bad') throw boom;
  return otherwise;
};

test.each<[string, Overrides]>([
  ['narrow', { narrow: (viewer) => failFor(viewer, viewer) }],
  ['widen', { widen: (viewer) => failFor(viewer, viewer) }],
  ['topics', { narrow: (viewer) => (viewer === 'bad' ? 'worse' : viewer), topics: topicsOf }],
])('a %s that throws ends that subscriber; publish goes on to the others', async (_, overrides) => {
  const world = setUp(overrides);
  const bad = await opened(world, 'bad');
  const good = await opened(world, 'good');
  world.publish('members', 1);
  expect((await good.next()).value.data).toMatchObject({ channel: 'members', seq: 1 });
  expect(world.errors).toEqual([boom]);
  await expect(
    (async () => {
      for await (const frame of bad) expect(frame.data.channel).toBe('members');
    })(),
  ).rejects.toThrow(Revocation);
  expect(world.hub.subscriberCount).toBe(1);
});

function topicsOf(viewer: string): string[] {
  if (viewer === 'worse') throw boom;
  return ['all:1'];
}

test('a selection that throws ends its own stream alone', async () => {
  const world = setUp();
  const bad = await opened(world, 'a', { topics: () => failFor('bad', true) });
  const good = await opened(world, 'b');
  world.publish('notes', 1);
  expect((await good.next()).value.data).toMatchObject({ seq: 1 });
  expect(world.errors).toEqual([boom]);
  await expect(bad.next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('a selection that throws when access is widened by a read holds up no later read', async () => {
  let topics = ['all:1'];
  let reads = 0;
  const world = setUp({ topics: () => topics, widen: () => 'reload' }, async (keys) =>
    keys.map((key) => `${key} read ${(reads += 1)}`),
  );
  const bad = await opened(world, 'a', {
    topics: (topic: string) => failFor(topic === 'all:2' ? 'bad' : '', true),
  });
  topics = ['all:1', 'all:2'];
  world.publish('members', 1);
  await settled();
  await expect(bad.next()).rejects.toThrow(Revocation);
  expect(world.errors).toEqual([boom]);
  await opened(world, 'b');
});

test('an expiry that cannot be told when it comes ends that stream, not the process', async () => {
  let fails = false;
  const world = setUp({ expiresAt: () => (fails ? failFor('bad', 0) : 5_000) });
  const frames = await opened(world, 'a');
  fails = true;
  world.pass(5_000);
  await expect(frames.next()).rejects.toThrow(Revocation);
  expect(world.errors).toEqual([boom]);
});

test('an error in the place of one viewer is reported, and that viewer read again after a pause, alone', async () => {
  let broken = true;
  const asked: (readonly string[])[] = [];
  const world = setUp({}, async (keys) => {
    asked.push(keys);
    return keys.map((key) => (key === 'bad' && broken ? boom : key));
  });
  const bad = await world.hub.subscribe({ key: 'bad' });
  await opened(world, 'good');
  await opened(world, 'newcomer');
  expect(world.errors).toEqual([boom]);
  // After a gap, too.
  world.feed.gap();
  await settled();
  expect(world.errors).toEqual([boom, boom]);
  broken = false;
  world.pass(5_000);
  expect((await bad.next()).value.data.channel).toBe('position');
  expect(asked).toEqual([['bad'], ['good'], ['newcomer'], ['bad', 'good', 'newcomer'], ['bad']]);
});

test('a viewer that can never be read is asked for until its stream ends, and no longer', async () => {
  const world = setUp({}, async (keys) => keys.map(() => boom));
  const frames = await world.hub.subscribe({ key: 'bad' });
  await settled();
  for (let attempt = 2; attempt <= 9; attempt += 1) {
    world.pass(5_000);
    await settled();
    expect(world.errors).toHaveLength(attempt);
  }
  await frames.return?.();
  world.pass(5_000);
  await settled();
  expect(world.errors).toHaveLength(9);
});

test.each([[[]], [['a', 'b', 'c']]])(
  'a load that gives %s for two keys is reported, and tried again',
  async (answers) => {
    let broken = true;
    const world = setUp({}, async (keys) => (broken ? answers : keys));
    const a = await world.hub.subscribe({ key: 'a' });
    const b = await world.hub.subscribe({ key: 'b' });
    await settled();
    expect(world.errors).toEqual([expect.objectContaining({ code: 'bad-viewers' })]);
    expect(world.errors[0]).toBeInstanceOf(EventsError);
    broken = false;
    world.pass(5_000);
    expect((await a.next()).value.data.channel).toBe('position');
    expect((await b.next()).value.data.channel).toBe('position');
  },
);

test('a batch that does not begin where the last one ended is reported, and everybody starts over from its end', async () => {
  const world = setUp();
  const frames = await opened(world, 'a');
  const batch = (from: string, to: string, seq: number) =>
    world.hub.take({
      from,
      to,
      announcements: [
        { kind: 'change', event: { channel: 'notes', operation: 'INSERT', seq, announced_at: '', id: 1 } },
      ],
    });
  batch('p7', 'p8', 1);
  await settled();
  batch('p8', 'p9', 2);
  expect(world.errors).toEqual([expect.objectContaining({ code: 'bad-batch' })]);
  expect((await frames.next()).value).toEqual({ id: 'p8', data: { channel: 'resync', reason: 'gap' } });
  expect((await frames.next()).value).toMatchObject({ id: 'p9', data: { seq: 2 } });
});

test('a resync of an internal channel is no viewer’s to hear', async () => {
  const world = setUp();
  const frames = await opened(world, 'a');
  world.feed.publish({ kind: 'resync', channel: 'hidden' });
  world.publish('notes', 1);
  expect((await frames.next()).value.data).toMatchObject({ channel: 'notes' });
});
