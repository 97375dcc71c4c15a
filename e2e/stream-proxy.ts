import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A way to the app on which every open stream is seen, also those that a worker holds. */
export interface StreamProxy extends AsyncDisposable {
  readonly url: string;
  /** The addresses of the streams that are open. */
  readonly streams: readonly string[];
  /** How many streams were ever opened. */
  readonly opened: number;
  /** Breaks all streams off, as a lost network does. */
  cut(): void;
}

export async function streamProxy(app: { readonly url: string }): Promise<StreamProxy> {
  const streams = new Map<IncomingMessage, string>();
  let opened = 0;
  const server = createServer((incoming, outgoing) => {
    const { url = '/', method, headers } = incoming;
    const isStream = url.startsWith('/api/trpc/realtime.changes');
    if (isStream) {
      opened += 1;
      streams.set(incoming, url);
      outgoing.once('close', () => streams.delete(incoming));
    }
    const passed = send(new URL(url, app.url), { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    });
    passed.once('error', () => outgoing.destroy());
    outgoing.once('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    get streams() {
      return [...streams.values()];
    },
    get opened() {
      return opened;
    },
    cut() {
      for (const { socket } of streams.keys()) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
