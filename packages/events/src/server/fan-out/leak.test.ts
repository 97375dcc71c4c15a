import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect, test, vi } from 'vitest';

import { createApplication, serve } from './conformance/application.ts';
import { createFanOut } from './index.ts';

const AT_ONCE = 50;
const ROUND = 2_000;
const ROUNDS = 5;
const MEGABYTE = 1024 * 1024;

test('ten thousand that come and go leave nothing behind', { timeout: 120_000 }, async () => {
  const application = createApplication({ pingEvery: 4_000 });
  const fanOut = createFanOut();
  await using server = await serve(fanOut.handler(application.options));

  /** A stream that has heard an event, and is left. */
  async function comeAndGo(): Promise<void> {
    const socket = connect(server.port, '127.0.0.1');
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('data', (data) => void (data.includes('"position"') && socket.destroy()));
    socket.once('close', () => resolve());
    socket.write('GET /trpc/changes HTTP/1.1\r\nhost: x\r\nauthorization: ada\r\n\r\n');
    await promise;
  }

  async function round(): Promise<{ heap: number; handles: number }> {
    for (let n = 0; n < ROUND; n += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, comeAndGo));
      application.note('for whoever is there');
    }
    await vi.waitFor(() => expect(application.hub.subscriberCount).toBe(0));
    await vi.waitFor(() => expect(fanOut.metrics.connections).toBe(0));
    await new Promise((resolve) => setTimeout(resolve, 50));
    collectGarbage();
    return { heap: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo().length };
  }

  // The first one fills caches, and lets code be compiled.
  const rounds: { heap: number; handles: number }[] = [];
  for (let n = 0; n < ROUNDS; n += 1) rounds.push(await round());
  const [, second] = rounds;
  const last = rounds.at(-1)!;
  // 6,000 connections, each of which takes some 15 KB as long as it is open.
  expect(last.heap - second!.heap).toBeLessThan(3 * MEGABYTE);
  expect(last.handles).toBeLessThanOrEqual(second!.handles + 2);
  expect(application.hub.topicCount).toBe(0);
  expect([application.errors, application.reported]).toEqual([[], []]);
  expect(fanOut.metrics.frames).toBeGreaterThanOrEqual(ROUNDS * ROUND);
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
