import { expect, test } from 'vitest';

import { defineChannels } from '../contract.ts';
import { createHub } from './hub.ts';
import { feedOf } from './testing-feed.ts';
import { topicAccess } from './topic-access.ts';

const definitions = defineChannels<{ deal: { id: number; contract: string; now: number } }>()({
  deals: { table: 'deal', columns: ['id', 'contract', 'now'], audience: ['deal:{id}'] },
});
const contract = { deals: 'c1' };
const NOW = 1_700_000_000_000;

function setUp() {
  const hub = createHub({
    definitions,
    contract,
    queueLimit: 2,
    now: () => NOW,
    onError: (error) => expect.unreachable(String(error)),
    ...topicAccess({ definitions, viewer: () => Promise.resolve({ topics: ['deal:1'] }) }),
  });
  const feed = feedOf(hub);
  let seq = 0;
  return {
    hub,
    /** A row whose columns are called as what a greeting says. */
    deal: () =>
      feed.publish({
        kind: 'change',
        event: {
          channel: 'deals',
          operation: 'INSERT',
          seq: (seq += 1),
          announced_at: '',
          id: 1,
          contract: 'secret',
          now: 5,
        },
      }),
  };
}

test.each([
  [undefined, { channel: 'position' }],
  ['elsewhere-7', { channel: 'resync', reason: 'unknown-position' }],
])('a stream that has the position %s begins with what the server is', async (lastEventId, first) => {
  const { hub } = setUp();
  const frames = await hub.subscribe({ key: 'ada', lastEventId });
  expect((await frames.next()).value.data).toEqual({ ...first, contract, now: NOW });
});

test('a reader too slow for the first frame is greeted all the same', async () => {
  const { hub, deal } = setUp();
  const frames = await hub.subscribe({ key: 'ada' });
  // Lets the greeting come, unread.
  await new Promise(setImmediate);
  for (let n = 0; n < 2; n += 1) deal();
  expect((await frames.next()).value.data).toEqual({
    channel: 'resync',
    reason: 'too-slow',
    contract,
    now: NOW,
  });
});

test('what a row says in columns of these names stays the row’s', async () => {
  const { hub, deal } = setUp();
  const frames = await hub.subscribe({ key: 'ada' });
  await frames.next();
  for (let n = 0; n < 3; n += 1) deal();
  expect((await frames.next()).value.data).toEqual({ channel: 'resync', reason: 'too-slow' });
});
