import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { EventSource } from 'eventsource';
import { rolldown } from 'rolldown';
import { expect, test, vi } from 'vitest';

import { createInvalidator, keys } from '../react/index.ts';

type PriceEvent = { channel: 'prices'; symbol: string } | { channel: 'orders' };

/** Anybody's server: no tRPC, no positions, just messages. */
async function plainServer() {
  const streams = new Set<ServerResponse>();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 10\n\n');
    streams.add(response);
    response.on('close', () => streams.delete(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    send(event: PriceEvent): void {
      for (const stream of streams) stream.write(`data: ${JSON.stringify(event)}\n\n`);
    },
    cut(): void {
      for (const stream of streams) stream.destroy();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A query on screen, and how often it was fetched. */
function watch(queryClient: QueryClient, queryKey: readonly string[]) {
  let fetches = 0;
  const observer = new QueryObserver(queryClient, {
    queryKey,
    staleTime: Infinity,
    queryFn: () => Promise.resolve((fetches += 1)),
  });
  return { shows: () => observer.getCurrentResult().data, stop: observer.subscribe(() => undefined) };
}

test('keeps queries true with a plain EventSource, and nothing else of the kit', async () => {
  await using server = await plainServer();
  const queryClient = new QueryClient();
  const invalidator = createInvalidator<PriceEvent>(queryClient, {
    rules: {
      prices: { all: keys(['prices']), event: ({ symbol }) => keys(['prices', symbol]) },
      orders: { all: keys(['orders']) },
    },
    throttleMs: 10,
  });
  const screens = [['prices', 'A'], ['prices', 'B'], ['orders']].map((key) => watch(queryClient, key));
  const shown = (): unknown[] => screens.map(({ shows }) => shows());
  await vi.waitFor(() => expect(shown()).toEqual([1, 1, 1]));

  const source = new EventSource(server.url);
  source.addEventListener('open', () => void invalidator.onResync({}));
  source.addEventListener('message', ({ data }) => {
    invalidator.onEvent(JSON.parse(data as string) as PriceEvent);
  });
  await vi.waitFor(() => expect(shown()).toEqual([2, 2, 2]));
  server.send({ channel: 'prices', symbol: 'B' });
  await vi.waitFor(() => expect(shown()).toEqual([2, 3, 2]));
  server.send({ channel: 'orders' });
  await vi.waitFor(() => expect(shown()).toEqual([2, 3, 3]));
  // Whatever came while it was away was missed.
  server.cut();
  await vi.waitFor(() => expect(shown()).toEqual([3, 4, 4]), { timeout: 5000 });

  source.close();
  invalidator.dispose();
  for (const { stop } of screens) stop();
  queryClient.clear();
});

test('alone it is small: no store, no React, no tRPC', async () => {
  const entry = 'the app';
  const react = join(import.meta.dirname, '../react/index.ts');
  const bundle = await rolldown({
    input: entry,
    external: /^[^./]/,
    plugins: [
      {
        name: 'entry',
        resolveId: { order: 'pre', handler: (id) => (id === entry ? entry : null) },
        load: (id) =>
          id === entry ? `export { createInvalidator, keys } from ${JSON.stringify(react)}` : null,
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const [{ code, imports }] = output;
  const bytes = gzipSync(code).length;
  console.log(`createInvalidator alone: ${code.length} bytes minified, ${bytes} gzipped`);
  expect(imports).toEqual([]);
  expect(code).toContain('refetchQueries');
  expect(code).not.toContain('Trying to reach the server');
  expect(bytes).toBeLessThan(2000);
});
