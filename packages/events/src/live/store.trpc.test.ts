import { createTRPCClient, httpSubscriptionLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import { expect, test, vi } from 'vitest';
import { HEARTBEAT, realtimeServer, type RealtimeRouter } from '../testing-helpers/realtime-server.ts';
import { tcpProxy } from '../testing/tcp-proxy.ts';
import { trpcSource } from './source.ts';
import type { LiveState } from './status.ts';
import { createLiveStore } from './store.ts';
import type { Surroundings } from './surroundings.ts';

/** Everything real: a tRPC server, its client, an EventSource, TCP. */
function connect(port: number, surroundings?: Surroundings) {
  const client = createTRPCClient<RealtimeRouter>({
    links: [httpSubscriptionLink({ url: `http://127.0.0.1:${port}`, EventSource })],
  });
  const store = createLiveStore({
    source: trpcSource(client.changes),
    backoff: { min: 5, max: 40 },
    firstAnswerMs: 1000,
    lingerMs: 1,
    hiddenMs: 1,
    ...(surroundings && { surroundings }),
  });
  const heard: number[] = [];
  const resyncs: string[] = [];
  const reasons: string[] = [];
  store.subscribeStatus(() => reasons.push(store.getStatus().reason));
  const remove = store.addListener({
    channels: ['number_changes'],
    onEvent: (event) => void heard.push(event.seq),
    onResync: ({ reason }) => void resyncs.push(reason),
  });
  return {
    store,
    heard,
    resyncs,
    reasons,
    remove,
    becomes: (state: LiveState) => vi.waitFor(() => expect(store.getStatus().state).toBe(state), 10_000),
    [Symbol.dispose]: () => store.close(),
  };
}

test('the first frame makes it live, events follow, and leaving closes the stream at the server', async () => {
  await using server = await realtimeServer();
  using browser = connect(server.port);
  await browser.becomes('live');
  server.send(1);
  server.send(2);
  await vi.waitFor(() => expect(browser.heard).toEqual([1, 2]));
  expect(browser.resyncs).toEqual(['opened']);
  expect(browser.store.getStatus().lastEventAt).not.toBeNull();
  browser.remove();
  await vi.waitFor(() => expect(server.subscribers()).toBe(0));
});

test('after a restart of the server it goes on from the last position, and nothing is fetched again', async () => {
  await using server = await realtimeServer();
  using browser = connect(server.port);
  await browser.becomes('live');
  server.send(1);
  await vi.waitFor(() => expect(browser.heard).toEqual([1]));
  await server.stop();
  await browser.becomes('offline');
  server.send(2);
  await server.start();
  await browser.becomes('live');
  expect(server.openings).toEqual([undefined, 'p1']);
  server.send(3);
  await vi.waitFor(() => expect(browser.heard).toEqual([1, 2, 3]));
  expect(browser.resyncs).toEqual(['opened']);
});

test('where the last position is not known any more it starts over', async () => {
  await using server = await realtimeServer();
  using browser = connect(server.port);
  await browser.becomes('live');
  await server.stop();
  await browser.becomes('offline');
  server.send(1);
  server.forget();
  await server.start();
  await browser.becomes('live');
  expect(server.openings).toEqual([undefined, 'p0']);
  expect(browser.resyncs).toEqual(['opened', 'unknown-position']);
  server.send(2);
  await vi.waitFor(() => expect(browser.heard).toEqual([2]));
});

test('a server that is not there yet is waited for', async () => {
  await using server = await realtimeServer();
  await server.stop();
  using browser = connect(server.port);
  await browser.becomes('offline');
  expect(server.openings).toEqual([]);
  await server.start();
  await browser.becomes('live');
});

test('a stream that the server ends is opened again', async () => {
  await using server = await realtimeServer();
  using browser = connect(server.port);
  await browser.becomes('live');
  server.endStreams();
  await vi.waitFor(() => expect(server.openings).toEqual([undefined, 'p0']));
  await browser.becomes('live');
  expect(browser.reasons).toContain('The server ended the connection; trying again');
});

test('a page that nobody sees leaves its stream at the server too, and opens it with its position when seen', async () => {
  await using server = await realtimeServer();
  const page = { hidden: false, tell: () => {} };
  using browser = connect(server.port, {
    isOnline: () => true,
    isHidden: () => page.hidden,
    onChange(listener) {
      page.tell = listener;
      return () => undefined;
    },
  });
  await browser.becomes('live');
  page.hidden = true;
  page.tell();
  await vi.waitFor(() => expect(server.subscribers()).toBe(0));
  server.send(1);
  page.hidden = false;
  page.tell();
  await browser.becomes('live');
  expect(server.openings).toEqual([undefined, 'p0']);
  server.send(2);
  await vi.waitFor(() => expect(browser.heard).toEqual([1, 2]));
  expect(browser.resyncs).toEqual(['opened']);
});

test('a 503, at which tRPC’s own client gives up, is outlasted', async () => {
  await using server = await realtimeServer();
  using browser = connect(server.port);
  await browser.becomes('live');
  server.answer(503);
  server.endStreams();
  await browser.becomes('offline');
  server.answer();
  await browser.becomes('live');
  expect(server.openings).toEqual([undefined, 'p0']);
});

test('a connection that has gone silent is noticed by its missing heartbeats', async () => {
  await using server = await realtimeServer();
  await using proxy = await tcpProxy(server.port);
  using browser = connect(proxy.port);
  await browser.becomes('live');
  // Quiet, but not silent: heartbeats come.
  const enough = proxy.answered() + (1.5 * HEARTBEAT.missedAfter) / HEARTBEAT.every;
  await vi.waitFor(() => expect(proxy.answered()).toBeGreaterThan(enough), 10_000);
  expect(server.openings).toHaveLength(1);
  proxy.goSilent();
  await vi.waitFor(() => expect(browser.store.getStatus().state).not.toBe('live'), 10_000);
  expect(browser.reasons).toContain('Nothing was heard from the server for a while; trying again');
  server.send(1);
  proxy.speak();
  await vi.waitFor(() => expect(browser.heard).toEqual([1]), 10_000);
  expect(browser.resyncs).toEqual(['opened']);
});

test('a proxy that holds the first answer back is noticed, and said', async () => {
  await using server = await realtimeServer();
  await using proxy = await tcpProxy(server.port);
  proxy.goSilent();
  using browser = connect(proxy.port);
  await browser.becomes('offline');
  expect(browser.reasons).toContain(
    'No answer from the server within 1 s; something in between may hold it back; trying again',
  );
  expect(browser.resyncs).toEqual([]);
  proxy.speak();
  await browser.becomes('live');
});

test.each([
  ['FORBIDDEN', 'offline', 'The server refused the connection: refused with FORBIDDEN'],
  ['BAD_REQUEST', 'offline', 'The server refused the connection: refused with BAD_REQUEST'],
  ['NOT_FOUND', 'offline', 'The server refused the connection: refused with NOT_FOUND'],
  ['UNAUTHORIZED', 'signed out', 'Your session has ended; sign in again'],
] as const)('%s is final', async (code, state, reason) => {
  await using server = await realtimeServer();
  server.refuse(code);
  using browser = connect(server.port);
  await browser.becomes(state);
  expect(browser.store.getStatus().reason).toBe(reason);
  server.refuse();
  // Anything that is tried again is `connecting` first, and has been asked for twice by the time it is `offline`.
  browser.store.restart();
  await browser.becomes('live');
  expect(server.openings).toEqual([undefined, undefined]);
});

test('TOO_MANY_REQUESTS is tried again, not before the server bears it, and the reason says so', async () => {
  await using server = await realtimeServer();
  server.refuse('TOO_MANY_REQUESTS', 300);
  const begun = performance.now();
  using browser = connect(server.port);
  await vi.waitFor(() => expect(server.openings).toHaveLength(3), 10_000);
  expect(performance.now() - begun).toBeGreaterThan(600);
  expect(browser.reasons).toContain(
    'Live updates are paused. refused with TOO_MANY_REQUESTS. It is tried again by itself',
  );
  server.refuse();
  await browser.becomes('live');
});

test.each(['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE', 'CONFLICT'] as const)(
  '%s is tried again',
  async (code) => {
    await using server = await realtimeServer();
    server.refuse(code);
    using browser = connect(server.port);
    await vi.waitFor(() => expect(server.openings.length).toBeGreaterThan(2), 10_000);
    expect(browser.reasons).toContain(`The server reported an error (refused with ${code}); trying again`);
    server.refuse();
    await browser.becomes('live');
  },
);
