import { expect, test } from 'vitest';

import { defineChannels } from '../contract.ts';
import { createHub } from './hub.ts';
import { feedOf } from './testing-feed.ts';
import { topicAccess } from './topic-access.ts';

const definitions = defineChannels<{ note: { id: number } }>()({
  notes: { table: 'note', columns: ['id'], audience: ['note:{id}'] },
});

/** A hub whose stream hears note 1, and whose periodical positions are told when the test says so. */
async function setUp() {
  const timers: (() => void)[] = [];
  const hub = createHub({
    definitions,
    queueLimit: 2,
    onError: (error) => expect.unreachable(String(error)),
    schedule(run) {
      timers.push(run);
      return () => undefined;
    },
    ...topicAccess({ definitions, viewer: () => Promise.resolve({ topics: ['note:1'] }) }),
  });
  const feed = feedOf(hub);
  let seq = 0;
  const frames = await hub.subscribe({ key: 'ada' });
  const next = async () => {
    const frame = await frames.next();
    if (frame.done === true) throw new Error('The stream ended');
    return frame.value;
  };
  return {
    next,
    tellPositions: () => timers.splice(0).forEach((run) => run()),
    /** In one batch. */
    notes: (...ids: number[]) =>
      feed.publish(
        ...ids.map((id) => ({
          kind: 'change' as const,
          event: { channel: 'notes', operation: 'INSERT', seq: (seq += 1), announced_at: '', id } as const,
        })),
      ),
  };
}

test('a position says how many frames the stream brought before it, also those that were positions', async () => {
  const { next, notes, tellPositions } = await setUp();
  expect((await next()).data).not.toHaveProperty('sent');
  tellPositions();
  expect((await next()).data).toEqual({ channel: 'position', sent: 1 });
  notes(1, 2, 1);
  notes(2);
  await next();
  await next();
  tellPositions();
  expect(await next()).toEqual({ id: 'p2', data: { channel: 'position', sent: 4 } });
});

test('frames that gave way to a resync were not sent, and it was', async () => {
  const { next, notes, tellPositions } = await setUp();
  await next();
  notes(1, 1, 1);
  expect((await next()).data).toMatchObject({ channel: 'resync', reason: 'too-slow' });
  tellPositions();
  expect((await next()).data).toEqual({ channel: 'position', sent: 2 });
});

test('who waits for a frame when a position is due is told the same as who asks later', async () => {
  const { next, notes, tellPositions } = await setUp();
  await next();
  const waiting = next();
  tellPositions();
  expect((await waiting).data).toEqual({ channel: 'position', sent: 1 });
  const again = next();
  notes(1);
  await again;
  tellPositions();
  expect((await next()).data).toEqual({ channel: 'position', sent: 3 });
});
