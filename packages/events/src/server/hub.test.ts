import { describe, expect, test } from 'vitest';

import { defineChannels } from '../contract.ts';
import type { AnyChangeEvent } from '../event.ts';
import { type Access, Revocation } from './access.ts';
import { createHub } from './hub.ts';
import { feedOf } from './testing-feed.ts';

const announced_at = '2026-01-01T00:00:00+00:00';

const definitions = defineChannels<{
  note: { id: number; team: number; text: string };
  member: { id: number; team: number; person: string };
}>()({
  notes: { table: 'note', columns: ['id', 'team', 'text'], audience: ['team:{team}'] },
  members: {
    table: 'member',
    columns: ['id', 'team', 'person'],
    audience: ['team:{team}', 'person:{person}'],
  },
});

interface Viewer {
  readonly person: string;
  readonly teams: readonly number[];
}

const BAD_TEAM = 666;

const teamsWithout = (viewer: Viewer, team: unknown): Viewer =>
  viewer.teams.includes(team as number)
    ? { ...viewer, teams: viewer.teams.filter((other) => other !== team) }
    : viewer;

const access: Access<Viewer, AnyChangeEvent> = {
  channels: new Set(['members']),
  topics: ({ person, teams }) => {
    if (teams.includes(BAD_TEAM)) throw new Error('no topics for this viewer');
    return [`person:${person}`, ...teams.map((team) => `team:${team}`)];
  },
  expiresAt: () => Number.MAX_SAFE_INTEGER,
  narrow: (viewer, event) =>
    event['person'] === viewer.person && event.operation === 'DELETE'
      ? teamsWithout(viewer, event['team'])
      : viewer,
  // An INSERT does not say what it gives; an UPDATE does.
  widen: (viewer, event) => {
    if (event['person'] !== viewer.person || viewer.teams.includes(event['team'] as number)) return viewer;
    if (event.operation === 'UPDATE') return { ...viewer, teams: [...viewer.teams, event['team'] as number] };
    return event.operation === 'INSERT' ? 'reload' : viewer;
  },
};

/** A hub over a table of memberships whose reads are answered when the test says so. */
function createWorld({ queueLimit = 10 } = {}) {
  const memberships: Record<string, number[] | Revocation> = {};
  const reads: (() => void)[] = [];
  const errors: unknown[] = [];
  let failing = false;
  let seq = 0;
  const hub = createHub<string, Viewer, AnyChangeEvent>({
    definitions,
    access,
    queueLimit,
    onError: (error) => errors.push(error),
    schedule: (run) => {
      const timer = setImmediate(run);
      return () => clearImmediate(timer);
    },
    load: (people) => {
      if (failing) return Promise.reject(new Error('no database'));
      // The snapshot is taken when the read begins; its answer arrives later.
      const answer = people.map((person) => {
        const teams = memberships[person] ?? [];
        return teams instanceof Revocation ? teams : { person, teams: [...teams] };
      });
      return new Promise((resolve) => reads.push(() => resolve(answer)));
    },
  });
  const feed = feedOf(hub);
  const publish = (channel: string, operation: AnyChangeEvent['operation'], columns: object): void =>
    feed.publish({
      kind: 'change',
      event: { channel, operation, seq: (seq += 1), announced_at, id: seq, ...columns },
    });
  return {
    hub,
    feed,
    memberships,
    errors,
    setFailing: (value: boolean) => void (failing = value),
    note: (team: number, text: string) => publish('notes', 'INSERT', { team, text }),
    readmit: (person: string, team: number) => publish('members', 'UPDATE', { person, team }),
    join: (person: string, team: number) => publish('members', 'INSERT', { person, team }),
    leave: (person: string, team: number) => publish('members', 'DELETE', { person, team }),
    /** Lets the reads that have begun arrive. */
    async answerReads() {
      await new Promise(setImmediate);
      for (const answer of reads.splice(0)) answer();
      await new Promise(setImmediate);
    },
  };
}

type World = ReturnType<typeof createWorld>;

async function open(
  { hub, answerReads }: World,
  person: string,
  options: Partial<Parameters<typeof hub.subscribe>[0]> = {},
) {
  const frames = await hub.subscribe({ key: person, ...options });
  await answerReads();
  return {
    frames,
    /** The texts (or channels, where there is none) of the next frames. */
    async take(count: number): Promise<unknown[]> {
      const taken: unknown[] = [];
      while (taken.length < count) {
        const { value } = await frames.next();
        taken.push('text' in value.data ? value.data['text'] : value.data.channel);
      }
      return taken;
    },
  };
}

describe('createHub', () => {
  test('begins a stream with its position, or with a resync when it had one', async () => {
    const world = createWorld();
    const fresh = await open(world, 'ada');
    expect(await fresh.take(1)).toEqual(['position']);
    const resumed = await open(world, 'ada', { lastEventId: 'x' });
    const { value } = await resumed.frames.next();
    expect(value).toMatchObject({ data: { channel: 'resync', reason: 'unknown-position' } });
    expect(value.id).toMatch(/./);
  });

  test('delivers an event to those of its topics, once each, and to nobody else', async () => {
    const world = createWorld();
    world.memberships['ada'] = [1];
    world.memberships['bo'] = [2];
    const ada = await open(world, 'ada');
    const bo = await open(world, 'bo');
    world.join('ada', 1); // addressed to Ada's team and to herself
    world.note(1, 'one');
    world.note(2, 'two');
    expect(await ada.take(3)).toEqual(['position', 'members', 'one']);
    expect(await bo.take(2)).toEqual(['position', 'two']);
  });

  test('delivers nothing before the viewer is known, and holds what happens meanwhile against what was read', async () => {
    const world = createWorld();
    world.memberships['ada'] = [1];
    const frames = await world.hub.subscribe({ key: 'ada' });
    await new Promise(setImmediate); // the read has begun, and still sees the membership
    world.leave('ada', 1);
    world.note(1, 'secret');
    await world.answerReads();
    world.note(1, 'secret too');
    world.leave('ada', 9);
    expect((await frames.next()).value.data.channel).toBe('position');
    expect((await frames.next()).value.data).toMatchObject({ channel: 'members', team: 9 });
  });

  test('the event that takes access away is the last its stream hears of it', async () => {
    const world = createWorld();
    world.memberships['ada'] = [1, 2];
    const app = await open(world, 'ada');
    const named = await open(world, 'ada', {
      topics: (topic) => topic === 'team:1',
      requires: [{ topic: 'team:1', otherwise: 'Not your team.' }],
    });
    expect(await named.take(1)).toEqual(['position']);
    world.note(1, 'not read in time');
    world.leave('ada', 1);
    world.note(1, 'secret');
    world.note(2, 'two');
    expect(await app.take(3)).toEqual(['position', 'members', 'two']);
    await expect(named.frames.next()).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'Not your team.' });
    expect(world.hub.subscriberCount).toBe(1);
  });

  test('a stream that requires what is not its viewer’s is refused', async () => {
    const world = createWorld();
    const { frames } = await open(world, 'ada', {
      requires: [{ topic: 'team:1', otherwise: 'Not your team.' }],
    });
    await expect(frames.next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a viewer who gains access hears from then on, and is told to refetch', async () => {
    const world = createWorld();
    const ada = await open(world, 'ada');
    world.memberships['ada'] = [1];
    world.join('ada', 1);
    world.note(1, 'before the read');
    await world.answerReads();
    world.note(1, 'after');
    expect(await ada.take(4)).toEqual(['position', 'members', 'resync', 'after']);
  });

  test('access that an event gives outright is heard from then on, and tells to refetch', async () => {
    const world = createWorld();
    const ada = await open(world, 'ada');
    const elsewhere = await open(world, 'ada', {
      topics: (topic) => topic === 'team:2' || topic === 'person:ada',
    });
    world.readmit('ada', 1);
    world.note(1, 'after');
    world.leave('ada', 7);
    expect(await ada.take(5)).toEqual(['position', 'members', 'resync', 'after', 'members']);
    // A stream that asked for something else has gained nothing.
    expect(await elsewhere.take(3)).toEqual(['position', 'members', 'members']);
  });

  test('a stream that one event both ends and would widen is gone', async () => {
    const world = createWorld();
    world.memberships['ada'] = [1];
    const ended = await open(world, 'ada', { requires: [{ topic: 'team:1', otherwise: 'Not your team.' }] });
    world.leave('ada', 1);
    world.readmit('ada', 1);
    await expect(ended.frames.next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect([world.hub.subscriberCount, world.hub.topicCount]).toEqual([0, 0]);
  });

  test('a viewer whose topics cannot be told ends alone', async () => {
    const world = createWorld();
    world.memberships['bad'] = [BAD_TEAM];
    world.memberships['ada'] = [1];
    const bad = await world.hub.subscribe({ key: 'bad' });
    await world.answerReads();
    const ada = await open(world, 'ada');
    expect(await ada.take(1)).toEqual(['position']);
    await expect(bad.next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(world.errors.map(String)).toEqual(['Error: no topics for this viewer']);
    expect(world.hub.subscriberCount).toBe(1);
  });

  test('access that is taken while it is being read stays taken', async () => {
    const world = createWorld();
    const ada = await open(world, 'ada');
    world.memberships['ada'] = [1];
    world.join('ada', 1);
    await new Promise(setImmediate);
    world.leave('ada', 1);
    await world.answerReads();
    world.note(1, 'secret');
    world.join('bo', 1);
    world.leave('ada', 7);
    expect(await ada.take(4)).toEqual(['position', 'members', 'members', 'members']);
  });

  test('after a gap nothing is delivered until the viewer was read again, then a resync', async () => {
    const world = createWorld();
    world.memberships['ada'] = [1];
    const ada = await open(world, 'ada');
    world.memberships['ada'] = [];
    world.feed.gap();
    world.note(1, 'secret');
    await world.answerReads();
    world.note(1, 'secret too');
    world.leave('ada', 7);
    expect(await ada.take(3)).toEqual(['position', 'resync', 'members']);
  });

  test.each(['before', 'after'])(
    'what was unread at a gap is not read %s the viewer is known again',
    async (when) => {
      const world = createWorld();
      world.memberships['ada'] = [1];
      const ada = await open(world, 'ada');
      expect(await ada.take(1)).toEqual(['position']);
      world.note(1, 'unread');
      world.memberships['ada'] = [];
      world.feed.gap();
      const reading = when === 'before' ? ada.take(1) : undefined;
      await world.answerReads();
      expect(await (reading ?? ada.take(1))).toEqual(['resync']);
    },
  );

  test('more than is remembered while a viewer is read makes it read again', async () => {
    const world = createWorld();
    world.memberships['ada'] = [1];
    const frames = await world.hub.subscribe({ key: 'ada' });
    await new Promise(setImmediate); // reads the membership
    for (let n = 0; n < 1_000; n += 1) world.leave('bo', 1);
    world.memberships['ada'] = [];
    world.leave('ada', 1);
    await world.answerReads();
    await world.answerReads();
    world.note(1, 'secret');
    world.leave('ada', 7);
    expect((await frames.next()).value.data.channel).toBe('position');
    expect((await frames.next()).value.data).toMatchObject({ channel: 'members', team: 7 });
  });

  test('a gap during a gap’s read makes it read again', async () => {
    const world = createWorld();
    world.memberships['ada'] = [1];
    const ada = await open(world, 'ada');
    world.feed.gap();
    await new Promise(setImmediate); // reads the old membership
    world.memberships['ada'] = [];
    world.feed.gap();
    await world.answerReads();
    await world.answerReads();
    world.note(1, 'secret');
    world.leave('ada', 7);
    expect(await ada.take(3)).toEqual(['position', 'resync', 'members']);
  });

  test('a viewer who is gone after a gap is signed out', async () => {
    const world = createWorld();
    const ada = await open(world, 'ada');
    world.memberships['ada'] = new Revocation('UNAUTHORIZED', 'Gone.');
    world.feed.gap();
    await world.answerReads();
    await expect(ada.frames.next()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('a read that fails is reported and tried again', async () => {
    const world = createWorld();
    world.memberships['ada'] = [1];
    world.setFailing(true);
    const ada = await open(world, 'ada');
    await expect.poll(() => world.errors.length).toBeGreaterThan(1);
    world.setFailing(false);
    await expect.poll(async () => world.answerReads().then(() => world.hub.subscriberCount)).toBe(1);
    expect(await ada.take(1)).toEqual(['position']);
  });

  test('a resync of a channel reaches those who hear it; of an access channel, everybody after a fresh read', async () => {
    const world = createWorld();
    world.memberships['ada'] = [1];
    const ada = await open(world, 'ada');
    const membersOnly = await open(world, 'ada', { channels: new Set(['members']) });
    await ada.take(1);
    await membersOnly.take(1);
    world.feed.publish({ kind: 'resync', channel: 'notes' });
    expect((await ada.frames.next()).value.data).toEqual({
      channel: 'resync',
      reason: 'truncated-table',
      channels: ['notes'],
    });
    world.memberships['ada'] = [];
    world.feed.publish({ kind: 'resync', channel: 'members' });
    world.note(1, 'secret');
    await world.answerReads();
    world.note(1, 'secret too');
    expect((await ada.frames.next()).value.data).toEqual({ channel: 'resync', reason: 'truncated-table' });
    expect((await membersOnly.frames.next()).value.data).toEqual({
      channel: 'resync',
      reason: 'truncated-table',
    });
  });

  test('a slow reader costs at most the limit, is told to start over, and harms no other', async () => {
    const world = createWorld({ queueLimit: 10 });
    world.memberships['ada'] = [1];
    world.memberships['bo'] = [1];
    const slow = await open(world, 'ada');
    const quick = await open(world, 'bo');
    await quick.take(1);
    for (let n = 0; n < 1_000; n += 1) {
      world.note(1, `note ${n}`);
      expect(await quick.take(1)).toEqual([`note ${n}`]);
    }
    world.note(1, 'sentinel');
    const left: unknown[] = [];
    do left.push(...(await slow.take(1)));
    while (left.at(-1) !== 'sentinel');
    expect(left.length).toBeLessThanOrEqual(11);
    expect(left[0]).toBe('resync');
  });

  test('an aborted or closed stream leaves nothing behind', async () => {
    const world = createWorld();
    const gone = new AbortController();
    const aborted = await open(world, 'ada', { signal: gone.signal });
    const closed = await open(world, 'ada');
    const early = await world.hub.subscribe({ key: 'ada', signal: gone.signal });
    await aborted.take(1);
    const waiting = aborted.frames.next();
    gone.abort();
    await closed.frames.return?.();
    expect((await waiting).done).toBe(true);
    expect((await early.next()).done).toBe(true);
    expect([world.hub.subscriberCount, world.hub.topicCount]).toEqual([0, 0]);
    await world.answerReads();
  });
});

describe('expiry', () => {
  test('ends the stream when the session does, and not before it was extended', async () => {
    const timers: { run: () => void; at: number }[] = [];
    let now = 0;
    let expires = 1_000;
    const hub = createHub<string, Viewer, AnyChangeEvent>({
      definitions,
      access: {
        ...access,
        expiresAt: () => expires,
        narrow: (viewer) => ({ ...viewer }),
        widen: (viewer) => viewer,
      },
      load: (people) => Promise.resolve(people.map((person) => ({ person, teams: [] }))),
      onError: (error) => {
        throw error;
      },
      now: () => now,
      schedule: (run, milliseconds) => {
        const timer = { run, at: now + milliseconds };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    });
    const frames = await hub.subscribe({ key: 'ada' });
    await frames.next();
    const advance = (to: number): void => {
      now = to;
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.run();
      }
    };
    expires = 5_000;
    feedOf(hub).publish({
      kind: 'change',
      event: { channel: 'members', operation: 'UPDATE', seq: 1, announced_at, team: 1, person: 'ada' },
    });
    await frames.next();
    advance(1_000);
    expect(hub.subscriberCount).toBe(1);
    advance(5_000);
    await expect(frames.next()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(timers).toEqual([]);
  });

  test('is told as the application says it', async () => {
    const hub = createHub<string, Viewer, AnyChangeEvent>({
      definitions,
      access: {
        ...access,
        expiresAt: () => 0,
        expired: ({ person }) => new Revocation('UNAUTHORIZED', `The key of ${person} has expired.`),
      },
      load: (people) => Promise.resolve(people.map((person) => ({ person, teams: [] }))),
      onError: (error) => {
        throw error;
      },
      now: () => 1,
    });
    const frames = await hub.subscribe({ key: 'ada' });
    await expect(frames.next()).rejects.toThrow('The key of ada has expired.');
  });
});
