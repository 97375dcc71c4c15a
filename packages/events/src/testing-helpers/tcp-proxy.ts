import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A proxy in front of a local port that can go silent, as a sleeping laptop or a dead router does: connections
 * stay open and nothing passes. What was held back stays so; connections made after `speak` work.
 */
export async function tcpProxy(target: number) {
  const sockets = new Set<Socket>();
  let silent = false;
  let answered = 0;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let mute = silent;
    const pairs = [
      [client, upstream],
      [upstream, client],
    ] as const;
    for (const [from, to] of pairs) {
      sockets.add(from);
      from.on('data', (bytes) => {
        mute ||= silent;
        // A request gets through; its answer never comes.
        if (mute && from === upstream) return;
        if (from === upstream) answered += 1;
        to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    /** How many pieces of answers have passed. */
    answered: () => answered,
    goSilent(): void {
      silent = true;
    },
    speak(): void {
      silent = false;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
