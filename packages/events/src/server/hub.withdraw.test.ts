import { expect, test, vi } from 'vitest';

import type { BatchSource } from '../batch.ts';
import type { AnyChangeEvent } from '../event.ts';
import { createHub } from './hub.ts';

/** A hub whose source cannot read: whoever asks waits. */
function setUp() {
  const hub = createHub<string, string, AnyChangeEvent>({
    definitions: {},
    access: {
      channels: new Set(),
      topics: () => [],
      expiresAt: () => Number.MAX_SAFE_INTEGER,
      narrow: (viewer) => viewer,
      widen: (viewer) => viewer,
    },
    load: (keys) => Promise.resolve(keys),
    onError: (error) => expect.fail(String(error)),
  });
  const waiting: { readonly position: string | undefined }[] = [];
  const source: BatchSource = {
    read(position) {
      const ask = { position };
      waiting.push(ask);
      return () => void waiting.splice(waiting.indexOf(ask), 1);
    },
  };
  hub.attach(source, 'h0');
  return { hub, asked: () => waiting.map(({ position }) => position) };
}

test('a stream that ends while it waits for a read withdraws its question', async () => {
  const { hub, asked } = setUp();
  const fresh = await hub.subscribe({ key: 'ada' });
  await vi.waitFor(() => expect(asked()).toEqual([undefined]));
  const leaving = new AbortController();
  await hub.subscribe({ key: 'bo', lastEventId: 'p1', signal: leaving.signal });
  await hub.subscribe({ key: 'cy', lastEventId: 'p2' });
  await vi.waitFor(() => expect(asked()).toEqual([undefined, 'p1', 'p2']));
  leaving.abort();
  await fresh.return?.();
  await vi.waitFor(() => expect(asked()).toEqual(['p2']));
});

test('a stream whose viewer is read anew meanwhile asks once', async () => {
  const { hub, asked } = setUp();
  const frames = await hub.subscribe({ key: 'ada', lastEventId: 'p1' });
  await vi.waitFor(() => expect(asked()).toEqual(['p1']));
  hub.gap('h1', 'gap');
  await hub.subscribe({ key: 'bo', lastEventId: 'p2' });
  await vi.waitFor(() => expect(asked()).toEqual(['p1', 'p2']));
  await frames.return?.();
  await vi.waitFor(() => expect(asked()).toEqual(['p2']));
});
