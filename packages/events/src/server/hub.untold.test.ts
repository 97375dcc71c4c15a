import { expect, test } from 'vitest';

import { defineChannels } from '../contract.ts';
import type { AnyChangeEvent } from '../event.ts';
import type { Access } from './access.ts';
import { createHub } from './hub.ts';
import { feedOf } from './testing-feed.ts';
import type { Selection } from './subscriber.ts';

interface Profile extends AnyChangeEvent {
  readonly id: string;
  readonly address: string | null;
}

const definitions = defineChannels<{ profile: { id: string; address: string | null } }>()({
  profiles: { table: 'profile', columns: ['id', 'address'], audience: ['profile:{id}'], internal: true },
});

type Viewer = Pick<Profile, 'id' | 'address'>;
const addressed = ({ id }: Viewer, event: Profile) => id === event.id;
const access: Access<Viewer, Profile> = {
  channels: new Set(['profiles']),
  topics: ({ id, address }) => [`profile:${id}`, ...(address === null ? [] : [`email:${address}`])],
  expiresAt: () => Number.MAX_SAFE_INTEGER,
  narrow: (viewer, event) =>
    addressed(viewer, event) && viewer.address !== event.address ? { ...viewer, address: null } : viewer,
  widen: (viewer, event) => (addressed(viewer, event) ? { ...viewer, address: event.address } : viewer),
};

/** Ada, whose address the test changes; what she hears is read until nothing is left. */
async function setUp(selection: Selection = {}) {
  const hub = createHub<string, Viewer, Profile>({
    definitions,
    access,
    load: (ids) => Promise.resolve(ids.map((id) => ({ id, address: 'ada@old' }))),
    onError: (error) => expect.unreachable(String(error)),
  });
  const feed = feedOf(hub);
  const frames = await hub.subscribe({ key: 'ada', ...selection });
  await frames.next();
  let seq = 0;
  return {
    hub,
    change: (address: string | null, id = 'ada') => {
      seq += 1;
      const event = { channel: 'profiles', operation: 'UPDATE', seq, announced_at: '', id, address } as const;
      feed.publish({ kind: 'change', event });
    },
    async heard() {
      const heard: unknown[] = [];
      const over = frames.return?.bind(frames);
      feed.gap();
      for await (const { data } of frames) {
        if (data.channel === 'resync' && 'reason' in data && data.reason === 'gap') break;
        heard.push(data);
      }
      await over?.();
      return heard;
    },
  };
}

const told = { channel: 'resync', reason: 'access-widened' };

test('who loses a topic by an event that they do not hear is told to read anew', async () => {
  const { hub, change, heard } = await setUp();
  change(null);
  expect(hub.metrics.resyncs).toBe(1);
  expect(await heard()).toEqual([told]);
});

test('who gains one as well is told once', async () => {
  const { hub, change, heard } = await setUp();
  change('ada@new');
  expect(hub.metrics.resyncs).toBe(1);
  expect(await heard()).toEqual([told]);
});

test('who loses nothing, or nothing that the stream asked for, is told nothing', async () => {
  const same = await setUp();
  same.change('ada@old');
  same.change(null, 'bo');
  expect(await same.heard()).toEqual([]);
  const narrow = await setUp({ topics: (topic) => topic.startsWith('profile:') });
  narrow.change(null);
  expect(await narrow.heard()).toEqual([]);
});
