import { isTrackedEnvelope, TRPCError } from '@trpc/server';
import { expect, test, vi } from 'vitest';

import type { AnyChangeEvent } from '../event.ts';
import { Revocation } from './access.ts';
import { Delivery } from './delivery.ts';
import { FrameQueue } from './subscriber.ts';
import { trackedEvents } from './tracked-events.ts';

const startOver = () => ({ channel: 'resync', reason: 'too-slow' }) as const;

function setUp() {
  const onClose = vi.fn<() => void>();
  const queue = new FrameQueue<AnyChangeEvent>(10, startOver, onClose);
  return { queue, onClose, events: trackedEvents(Promise.resolve(queue)) };
}

test('every frame is tracked by its position', async () => {
  const { queue, events } = setUp();
  queue.push(new Delivery([{ id: 'p1', data: { channel: 'position' } }]));
  queue.end();
  const { value } = await events.next();
  expect(isTrackedEnvelope(value) && [value[0], value[1]]).toEqual(['p1', { channel: 'position' }]);
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

test('a stream that is left while it waits for its next frame is left at once', async () => {
  const { onClose, events } = setUp();
  const waiting = events.next();
  expect(await events.return?.()).toEqual({ done: true, value: undefined });
  expect(onClose).toHaveBeenCalledOnce();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('a stream that is left before its first frame is left, too', async () => {
  const { onClose, events } = setUp();
  await events.return?.();
  expect(onClose).toHaveBeenCalledOnce();
});

test.each(['UNAUTHORIZED', 'FORBIDDEN'] as const)(
  'a revocation is a TRPCError of its code, %s',
  async (code) => {
    const { queue, events } = setUp();
    const revocation = new Revocation(code, 'Not any more.');
    queue.end(revocation);
    const error = await events.next().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TRPCError);
    expect(error).toMatchObject({ code, message: 'Not any more.', cause: revocation });
  },
);

test('a stream that was aborted before it was opened, and that nobody reads, harms nobody', async () => {
  const unhandled = vi.fn<(reason: unknown) => void>();
  process.on('unhandledRejection', unhandled);
  try {
    trackedEvents<AnyChangeEvent>(Promise.reject(new Error('gone')));
    await new Promise(setImmediate);
    expect(unhandled).not.toHaveBeenCalled();
  } finally {
    process.off('unhandledRejection', unhandled);
  }
});

test('a stream that could not be opened says why when it is read, not when it is left', async () => {
  const refused = () => trackedEvents<AnyChangeEvent>(Promise.reject(new Revocation('FORBIDDEN', 'No.')));
  await expect(refused().next()).rejects.toMatchObject({ name: 'TRPCError', code: 'FORBIDDEN' });
  expect(await refused().return?.()).toEqual({ done: true, value: undefined });
});
