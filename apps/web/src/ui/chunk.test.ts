import { expect, test, vi } from 'vitest';

import { createChunk, retryChunk } from './chunk.ts';

/** A server that gives the part, or not. */
function createServer() {
  const server = { gives: true, fetches: 0 };
  const chunk = createChunk(() => {
    server.fetches += 1;
    return server.gives ? Promise.resolve('page') : Promise.reject(new TypeError('Failed to fetch'));
  });
  return { server, chunk };
}

test('is fetched once for all who want it', async () => {
  const { server, chunk } = createServer();
  await Promise.all([chunk.load(), chunk.load()]);
  await chunk.load();
  expect(chunk.get()).toEqual({ status: 'loaded', part: 'page' });
  expect(server.fetches).toBe(1);
});

test('after a failure the next one who wants it fetches it again, and all hear of it', async () => {
  const { server, chunk } = createServer();
  const seen: string[] = [];
  const stop = chunk.subscribe(() => seen.push(chunk.get().status));
  server.gives = false;
  await chunk.load();
  server.gives = true;
  await chunk.load();
  stop();
  expect(seen).toEqual(['failed', 'loading', 'loaded']);
});

test.each([
  { gives: true, reachable: true, reloads: 0 },
  { gives: false, reachable: false, reloads: 0 },
  { gives: false, reachable: true, reloads: 1 },
])('trying again, given $gives, server reachable $reachable: $reloads reloads', async (given) => {
  const { server, chunk } = createServer();
  server.gives = false;
  await chunk.load();
  server.gives = given.gives;
  const reload = vi.fn<() => void>();
  await retryChunk(chunk, { isReachable: () => Promise.resolve(given.reachable), reload });
  expect(reload).toHaveBeenCalledTimes(given.reloads);
});
