import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import type { AnyChangeEvent } from '../event.ts';
import { Revocation } from './access.ts';
import { Delivery } from './delivery.ts';
import { encodePlainFrame, writePlainSse } from './plain-sse.ts';
import { FrameQueue } from './subscriber.ts';

const startOver = () => ({ channel: 'resync', reason: 'too-slow' }) as const;

/** A server that writes one queue to whoever asks. */
async function serving(ping: number) {
  const queue = new FrameQueue<AnyChangeEvent>(10, startOver, () => undefined);
  const refused: unknown[] = [];
  const server = createServer((_, response) => {
    writePlainSse(response, queue, { ping }).catch((error: unknown) => {
      refused.push(error);
      response.writeHead(403).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    queue,
    refused,
    async open() {
      const response = await fetch(url);
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      return {
        status: response.status,
        /** All that has come, once it holds this. */
        async until(part: string): Promise<string> {
          while (!text.includes(part)) {
            const { value, done } = await reader.read();
            if (done) throw new Error(`ended without ${JSON.stringify(part)}: ${text}`);
            text += value;
          }
          return text;
        },
        rest: async () => {
          for (;;) {
            const { value, done } = await reader.read();
            if (done) return text;
            text += value;
          }
        },
        close: () => reader.cancel(),
      };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const position = { id: '1', data: { channel: 'position' } } as const;

test('a quiet stream has a heartbeat, which no event depends on', async () => {
  await using world = await serving(10);
  world.queue.push(new Delivery([position]));
  const stream = await world.open();
  await stream.until(': ping\n\n: ping\n\n');
  world.queue.push(new Delivery([{ id: '2', data: { channel: 'resync', reason: 'gap' } }]));
  const frame = 'event: resync\nid: 2\ndata: {"channel":"resync","reason":"gap"}\n\n';
  expect(await stream.until(frame)).toMatch(
    /^event: position\nid: 1\ndata: \{"channel":"position"\}\n\n(: ping\n\n)+event/,
  );
  await stream.close();
});

test('a revocation at the door is the caller’s to answer; one later is said, and ends the stream', async () => {
  await using early = await serving(10_000);
  early.queue.end(new Revocation('FORBIDDEN', 'Not yours.'));
  expect((await early.open()).status).toBe(403);
  expect(early.refused).toHaveLength(1);

  await using late = await serving(10_000);
  late.queue.push(new Delivery([position]));
  const stream = await late.open();
  await stream.until('position');
  late.queue.end(new Revocation('UNAUTHORIZED', 'Signed\nout.'));
  expect(await stream.rest()).toMatch(
    /event: revoked\ndata: \{"code":"UNAUTHORIZED","message":"Signed\\nout\."\}\n\n$/,
  );
});

test('a client that leaves ends the stream', async () => {
  await using world = await serving(10_000);
  world.queue.push(new Delivery([position]));
  const stream = await world.open();
  await stream.until('position');
  await stream.close();
  await expect.poll(async () => (await world.queue.next()).done).toBe(true);
});

test.each(['a\n\nevent: forged\ndata: {}', 'a\r\rid: 9', '\u2028\u2029', '"}\n\n'])(
  'text cannot forge a frame: %j',
  (text) => {
    const event: AnyChangeEvent = { channel: 'notes', operation: 'INSERT', seq: 1, announced_at: '', text };
    const encoded = encodePlainFrame({ id: '1', data: event });
    const lines = encoded.split(/\r\n|\r|\n/);
    expect(lines.slice(3)).toEqual(['', '']);
    expect(lines.slice(0, 2)).toEqual(['event: notes', 'id: 1']);
    expect(JSON.parse(lines[2]!.slice('data: '.length))).toEqual(event);
  },
);
