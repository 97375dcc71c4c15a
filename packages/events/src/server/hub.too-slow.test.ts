import { expect, test } from 'vitest';

import { defineChannels } from '../contract.ts';
import { createHub } from './hub.ts';
import { feedOf } from './testing-feed.ts';
import { topicAccess } from './topic-access.ts';

const LIMIT = 3;
const definitions = defineChannels<{ note: { id: number } }>()({
  notes: { table: 'note', columns: ['id'], audience: ['note:{id}'] },
});

/** Streams that have read their first frame. */
async function setUp(streams: number) {
  const hub = createHub({
    definitions,
    queueLimit: LIMIT,
    now: () => 0,
    onError: (error) => expect.unreachable(String(error)),
    ...topicAccess({ definitions, viewer: () => Promise.resolve({ topics: ['note:1'] }) }),
  });
  const feed = feedOf(hub);
  let seq = 0;
  const opened = await Promise.all(Array.from({ length: streams }, () => hub.subscribe({ key: 'ada' })));
  for (const frames of opened) await frames.next();
  return {
    hub,
    read: async (stream = 0) => {
      const frame = await opened[stream]!.next();
      return frame.done === true ? undefined : frame.value.data;
    },
    /** In one batch. */
    notes: (count: number) =>
      feed.publish(
        ...Array.from({ length: count }, () => ({
          kind: 'change' as const,
          event: { channel: 'notes', operation: 'INSERT', seq: (seq += 1), announced_at: '', id: 1 } as const,
        })),
      ),
  };
}

test('streams that start over because too much came at once are counted, and given turns', async () => {
  const { hub, notes, read } = await setUp(400);
  notes(LIMIT + 1);
  expect(hub.metrics.resyncs).toBe(400);
  for (let stream = 0; stream < 400; stream += 1) {
    expect(await read(stream)).toEqual({
      channel: 'resync',
      reason: 'too-slow',
      ...(stream >= 49 && { spread: 5 * (stream + 1) }),
    });
  }
});

test('a stream that has not yet read that it starts over is not told, nor counted, again', async () => {
  const { hub, notes, read } = await setUp(1);
  for (let round = 0; round < 5; round += 1) notes(LIMIT);
  expect(hub.metrics.resyncs).toBe(1);
  expect(await read()).toEqual({ channel: 'resync', reason: 'too-slow' });
  notes(2 * LIMIT);
  expect(hub.metrics.resyncs).toBe(2);
});

test('whoever waits to read is told one more at once than may be left unread, and beyond that starts over too', async () => {
  const { notes, read } = await setUp(1);
  const first = read();
  notes(LIMIT + 1);
  expect(await first).toMatchObject({ channel: 'notes' });
  for (let n = 0; n < LIMIT; n += 1) expect(await read()).toMatchObject({ channel: 'notes' });

  const again = read();
  notes(LIMIT + 2);
  expect(await again).toMatchObject({ channel: 'notes' });
  expect(await read()).toMatchObject({ channel: 'resync', reason: 'too-slow' });
});
