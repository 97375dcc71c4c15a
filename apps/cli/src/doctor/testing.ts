import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * PostgreSQL as it looks through a pooler of transactions: a LISTEN is taken, and forgotten when the connection is
 * given back, which is at once.
 */
export async function pooledListening(connectionString: string) {
  const target = new URL(connectionString);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    sockets.add(client).add(upstream);
    client.on('data', (bytes) => upstream.write(forgetting(bytes)));
    upstream.on('data', (bytes) => client.write(bytes));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pooled = new URL(connectionString);
  pooled.hostname = '127.0.0.1';
  pooled.port = String((server.address() as AddressInfo).port);
  return {
    connectionString: pooled.href,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A simple query, `Q`, its length and its text, that listens: the same with UNLISTEN after it. */
function forgetting(bytes: Buffer): Buffer {
  const text = bytes.subarray(5, -1).toString();
  if (bytes[0] !== 0x51 || !text.startsWith('LISTEN ')) return bytes;
  const query = Buffer.from(`${text}; UNLISTEN *\0`);
  const head = Buffer.alloc(5);
  head.write('Q');
  head.writeInt32BE(query.length + 4, 1);
  return Buffer.concat([head, query]);
}
