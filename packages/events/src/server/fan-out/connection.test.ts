import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';

import { expect, test } from 'vitest';

import type { AnyChangeEvent } from '../../event.ts';
import { Revocation } from '../access.ts';
import { Delivery } from '../delivery.ts';
import { FrameQueue } from '../subscriber.ts';
import { plainWire } from '../wire.ts';
import { Connection } from './connection.ts';

const LIMIT = 100;

/** A connection over a response whose buffer is as full, and whose client takes as much, as the test says. */
function setUp() {
  const written: string[] = [];
  const state = { writableLength: 0, writableNeedDrain: false, isDestroyed: false };
  const socket = { bytesWritten: 0, writableLength: 0 };
  const response = Object.assign(new EventEmitter(), {
    chunkedEncoding: false,
    socket,
    write: (bytes: Buffer) => void written.push(bytes.toString()),
    end: (text?: string) => void written.push(text ?? '', 'end'),
    destroy: () => (state.isDestroyed = true),
  });
  for (const name of ['writableLength', 'writableNeedDrain'] as const) {
    Object.defineProperty(response, name, { get: () => state[name] });
  }
  const behind: boolean[] = [];
  const queue = new FrameQueue<AnyChangeEvent>(
    10,
    () => ({ channel: 'resync', reason: 'too-slow' }),
    () => undefined,
    (isBehind) => behind.push(isBehind),
  );
  const connection = new Connection({
    response: response as unknown as ServerResponse,
    queue,
    wire: plainWire,
    bufferLimit: LIMIT,
    pings: undefined,
    last: (revocation) => Promise.resolve(revocation?.message),
    onWrite: () => undefined,
    onClose: () => undefined,
  });
  return {
    connection,
    queue,
    response,
    socket,
    state,
    behind,
    written,
    push: () => queue.push(new Delivery([{ id: 'p', data: { channel: 'position' } }])),
  };
}

const tick = () => new Promise(setImmediate);

test('a client that is behind and takes something, however slowly, is not cut; one that takes nothing is', async () => {
  const { connection, push, socket, state } = setUp();
  Object.assign(state, { writableLength: LIMIT + 1, writableNeedDrain: true });
  push();
  await tick();
  socket.bytesWritten = 1;
  connection.ping();
  socket.bytesWritten = 2;
  connection.ping();
  expect(state.isDestroyed).toBe(false);
  connection.ping();
  expect(state.isDestroyed).toBe(true);
});

test('it is behind only where it will be told that it no longer is', async () => {
  const { behind, push, response, state } = setUp();
  state.writableLength = LIMIT + 1;
  push();
  await tick();
  expect(behind).toEqual([]);
  state.writableNeedDrain = true;
  push();
  await tick();
  response.emit('drain');
  expect(behind).toEqual([true, false]);
});

test('what is not written yet when the stream is revoked is never written; when it ends otherwise, it is', async () => {
  const revoked = setUp();
  revoked.push();
  revoked.queue.end(new Revocation('FORBIDDEN', 'No more.'));
  await tick();
  expect(revoked.written).toEqual(['No more.', 'end']);
  const ended = setUp();
  ended.push();
  ended.queue.end();
  await tick();
  expect(ended.written).toEqual([expect.stringContaining('position'), '', 'end']);
});
