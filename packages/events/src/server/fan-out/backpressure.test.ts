import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { expect, test, vi } from 'vitest';

import { createApplication, serve } from './conformance/application.ts';
import { createFanOut } from './index.ts';

const KILOBYTE = 1024;
const LIMIT = 64 * KILOBYTE;
const TEXT = 'x'.repeat(2 * KILOBYTE);
const until = { timeout: 10_000 };

async function setUp() {
  const application = createApplication();
  const fanOut = createFanOut({ bufferLimit: LIMIT });
  const stack = new AsyncDisposableStack();
  const { port } = stack.use(await serve(fanOut.handler(application.options)));
  return {
    ...application,
    fanOut,
    /** A client that counts the notes it reads, by their number. */
    async open() {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.setEncoding('latin1').on('data', (data) => void (text += String(data)));
      socket.write('GET /trpc/changes HTTP/1.1\r\nhost: x\r\nauthorization: ada\r\n\r\n');
      await vi.waitFor(() => expect(text).toContain('"position"'), until);
      const numbers = (): number[] => Array.from(text.matchAll(/"seq":(\d+)/g), ([, seq]) => Number(seq));
      return { socket, numbers, resyncs: () => text.split('"resync"').length - 1 };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function leave({ socket }: { readonly socket: Socket }): Promise<void> {
  socket.destroy();
  await once(socket, 'close');
}

test('who reads too slowly is set aside, holds up nobody, and has everything once when they read again', async () => {
  await using server = await setUp();
  const [slow, quick] = [await server.open(), await server.open()];
  slow.socket.pause();
  let written = 0;
  await vi.waitFor(
    () => {
      for (let n = 0; n < 100; n += 1) server.note(`${++written} ${TEXT}`);
      expect(server.hub.metrics.setAside).toBe(1);
    },
    { ...until, interval: 5 },
  );
  const before = server.fanOut.metrics.bytes;
  for (let n = 0; n < 100; n += 1) server.note(`${++written} ${TEXT}`);
  // Of what comes while it is set aside, nothing is kept for it.
  expect(server.fanOut.metrics.bytes - before).toBeLessThan(110 * (TEXT.length + 400));
  const all = Array.from({ length: written }, (_, at) => at + 1);
  await vi.waitFor(() => expect(quick.numbers()).toEqual(all), until);
  slow.socket.resume();
  await vi.waitFor(() => expect(slow.numbers().at(-1)).toBe(written), until);
  expect(slow.numbers()).toEqual(all);
  expect(slow.resyncs()).toBe(0);
  server.note('for both');
  await vi.waitFor(() => expect(slow.numbers().at(-1)).toBe(written + 1), until);
  await Promise.all([slow, quick].map(leave));
  await vi.waitFor(() => expect(server.fanOut.metrics.connections).toBe(0), until);
  expect(server.hub.subscriberCount).toBe(0);
});

test('who takes nothing at all is cut by the next ping', async () => {
  const application = createApplication({ pingEvery: 100 });
  const fanOut = createFanOut({ bufferLimit: LIMIT });
  await using server = await serve(fanOut.handler(application.options));
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET /trpc/changes HTTP/1.1\r\nhost: x\r\nauthorization: ada\r\n\r\n');
  await vi.waitFor(() => expect(application.hub.metrics.deliveries).toBeGreaterThan(0), until);
  socket.pause();
  await vi.waitFor(
    () => {
      for (let n = 0; n < 200; n += 1) application.note(TEXT);
      expect(application.hub.metrics.setAside).toBe(1);
    },
    { ...until, interval: 5 },
  );
  await vi.waitFor(() => expect(fanOut.metrics.connections).toBe(0), until);
  expect(application.hub.subscriberCount).toBe(0);
  socket.destroy();
});
