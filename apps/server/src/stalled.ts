import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const SECOND = 1000;

/**
 * Cuts connections whose reader has taken nothing for `limit` milliseconds although bytes wait for it: a closed
 * laptop, a dead proxy. TCP keepalive finds those for which nothing waits.
 */
export function cutStalledConnections(
  server: Server,
  { limit = 60 * SECOND, check = 10 * SECOND } = {},
): Disposable {
  const sockets = new Map<Socket, { taken: number; since: number }>();
  server.on('connection', (socket: Socket) => {
    sockets.set(socket, { taken: 0, since: Date.now() });
    socket.once('close', () => sockets.delete(socket));
  });
  const timer = setInterval(() => {
    for (const [socket, seen] of sockets) {
      const taken = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength === 0 || taken !== seen.taken) {
        seen.taken = taken;
        seen.since = Date.now();
      } else if (Date.now() - seen.since >= limit) {
        socket.destroy();
      }
    }
  }, check);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
