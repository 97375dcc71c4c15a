import { expect, test } from 'vitest';

import { defineChannels } from '../contract.ts';
import type { AnyChangeEvent, ChangeEvents } from '../event.ts';
import { createHub } from './hub.ts';
import { feedOf } from './testing-feed.ts';
import { topicAccess } from './topic-access.ts';

interface Database {
  note: { id: number; team_id: number };
  member: { id: number; team_id: number; user_id: string; note: string };
}

const definitions = defineChannels<Database>()({
  notes: { table: 'note', columns: ['id', 'team_id'], audience: ['team:{team_id}'] },
  members: {
    table: 'member',
    columns: ['id', 'team_id', 'user_id', 'note'],
    audience: ['user:{user_id}', 'team:{team_id}'],
  },
});
type Event = ChangeEvents<Database, typeof definitions>;

const members = { to: 'user:{user_id}', topics: ['team:{team_id}', 'team:{team_id}/notes'] } as const;

/** A hub whose viewers are whatever `teams` says at the moment they are read. */
async function open(teams: Record<string, number[]>) {
  const hub = createHub({
    definitions,
    onError: (error) => expect.unreachable(String(error)),
    ...topicAccess<string, Event>({
      definitions,
      viewer: (user) => {
        const own = teams[user];
        return Promise.resolve(
          own && {
            topics: [`user:${user}`, ...own.flatMap((team) => [`team:${team}`, `team:${team}/notes`])],
          },
        );
      },
      grants: { members },
    }),
  });
  const feed = feedOf(hub);
  let seq = 0;
  const publish = (channel: Event['channel'], operation: AnyChangeEvent['operation'], columns: object) =>
    feed.publish({
      kind: 'change',
      event: { channel, operation, seq: (seq += 1), announced_at: '', id: seq, ...columns },
    });
  const frames = await hub.subscribe({ key: 'ada' });
  return {
    teams,
    frames,
    note: (team_id: number) => publish('notes', 'INSERT', { team_id }),
    member: (operation: AnyChangeEvent['operation'], user_id: string, team_id: number) =>
      publish('members', operation, { user_id, team_id, note: '' }),
    /** Lets what is being read arrive. */
    settled: () => new Promise(setImmediate),
    async next() {
      const { value } = await frames.next();
      const { channel, seq: number } = value!.data as { channel: string; seq?: number };
      return number === undefined ? channel : `${channel} ${number}`;
    },
  };
}

test('nobody hears what no topic of theirs names; a stranger is refused', async () => {
  const ada = await open({ ada: [1] });
  expect(await ada.next()).toBe('position');
  ada.note(2);
  ada.note(1);
  expect(await ada.next()).toBe('notes 2');
  const nobody = await open({});
  await expect(nobody.next()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a row grants from its INSERT, with a resync for what was before, to its DELETE, which is the last heard', async () => {
  const world = await open({ ada: [] });
  await world.next();
  world.note(3);
  world.member('INSERT', 'bo', 3);
  world.member('INSERT', 'ada', 3);
  world.note(3);
  expect([await world.next(), await world.next(), await world.next()]).toEqual([
    'members 3',
    'resync',
    'notes 4',
  ]);
  world.member('UPDATE', 'ada', 3);
  expect(await world.next()).toBe('members 5');
  world.member('DELETE', 'ada', 3);
  world.note(3);
  await world.settled();
  world.note(3);
  world.member('INSERT', 'ada', 4);
  expect([await world.next(), await world.next()]).toEqual(['members 6', 'members 9']);
});

test('what another row still grants comes back at once, with a resync', async () => {
  const world = await open({ ada: [1] });
  await world.next();
  world.member('DELETE', 'ada', 1);
  world.note(1);
  await world.settled();
  world.note(1);
  expect([await world.next(), await world.next(), await world.next()]).toEqual([
    'members 1',
    'resync',
    'notes 3',
  ]);
});

test.each([
  [
    { to: 'team:{team_id}/owners', topics: [] },
    /its "to" \(team:\{team_id\}\/owners\) is none of .*user:\{user_id\}/,
  ],
  [{ to: 'user:{user_id}', topics: ['note:{note}'] }, /"note:\{note\}" names a column that stands in none/],
] as const)('a grant that the audience cannot carry out is refused', (grant, message) => {
  const make = () =>
    topicAccess<string, Event>({
      definitions,
      viewer: () => Promise.resolve(undefined),
      grants: { members: grant },
    });
  expect(make).toThrow(expect.objectContaining({ code: 'bad-definition' }));
  expect(make).toThrow(message);
});

test('a viewer that cannot be read holds up nobody else, and is read again', async () => {
  const errors: unknown[] = [];
  let broken = true;
  const hub = createHub({
    definitions,
    onError: (error) => errors.push(error),
    schedule: (run) => {
      const timer = setImmediate(run);
      return () => clearImmediate(timer);
    },
    ...topicAccess<string, Event>({
      definitions,
      viewer: (user) =>
        user === 'bad' && broken
          ? Promise.reject(new Error('no database for bad'))
          : Promise.resolve({ topics: [`user:${user}`] }),
    }),
  });
  const bad = await hub.subscribe({ key: 'bad' });
  const good = await hub.subscribe({ key: 'good' });
  expect((await good.next()).value?.data.channel).toBe('position');
  await expect.poll(() => errors.length).toBeGreaterThan(1);
  expect(String(errors[0])).toContain('no database for bad');
  broken = false;
  expect((await bad.next()).value?.data.channel).toBe('position');
});
