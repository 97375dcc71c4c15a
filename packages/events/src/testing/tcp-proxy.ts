import type { AddressInfo, Socket } from 'node:net';

/** A proxy that {@link tcpProxy} has made; disposing it cuts what goes through it. */
export interface TcpProxy extends AsyncDisposable {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** How many pieces of answers have passed. */
  answered(): number;
  /** From now on no answer passes; connections stay open. */
  goSilent(): void;
  /** Connections made from now on work again. */
  speak(): void;
}

/**
 * Makes a proxy in front of a local port that can go silent, as a sleeping laptop or a dead router does: connections
 * stay open and nothing passes. What was held back stays so; connections made after `speak` work.
 *
 * @example
 * await using proxy = await tcpProxy(5432);
 * proxy.goSilent();
 */
export async function tcpProxy(target: number): Promise<TcpProxy> {
  // Not at the top: whoever tests components in a browser imports this entry too.
  const { connect, createServer } = await import('node:net');
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
  await new Promise<void>((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    answered: () => answered,
    goSilent(): void {
      silent = true;
    },
    speak(): void {
      silent = false;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
