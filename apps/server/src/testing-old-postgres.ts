import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * A server that speaks just enough of PostgreSQL's protocol to be asked its version: it lets everybody in and
 * answers every simple query with one row.
 */
export async function startOldPostgres(row: Record<string, string | number>) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let isGreeted = false;
    let rest = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        // The first message has no type before its length.
        const start = isGreeted ? 1 : 0;
        if (rest.length < start + 4) return;
        const size = start + rest.readInt32BE(start);
        if (rest.length < size) return;
        const type = isGreeted ? String.fromCharCode(rest[0]!) : 'startup';
        rest = rest.subarray(size);
        isGreeted = true;
        if (type === 'startup') socket.write(Buffer.concat([message('R', int32(0)), ready]));
        if (type === 'Q') socket.write(Buffer.concat([...answer(row), ready]));
        if (type === 'X') socket.end();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connectionString: `postgresql://someone:hush-hush@127.0.0.1:${port}/old`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const INT4 = 23;
const TEXT = 25;
const ready = message('Z', Buffer.from('I'));

function answer(row: Record<string, string | number>): Buffer[] {
  const columns = Object.entries(row);
  const fields = columns.map(([name, value]) => {
    const type = typeof value === 'number' ? INT4 : TEXT;
    return Buffer.concat([text(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]);
  });
  const values = columns.map(([, value]) => {
    const bytes = Buffer.from(String(value));
    return Buffer.concat([int32(bytes.length), bytes]);
  });
  return [
    message('T', int16(columns.length), ...fields),
    message('D', int16(columns.length), ...values),
    message('C', text('SELECT 1')),
  ];
}

function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
