import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createTRPCClient, httpSubscriptionLink } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { EventSource } from 'eventsource';
import { expect, test, vi } from 'vitest';

import { defineChannels } from '../contract.ts';
import type { ChangeEvents } from '../event.ts';
import { createHub } from '../server/hub.ts';
import { streamInput } from '../server/stream-input.ts';
import { feedOf } from '../server/testing-feed.ts';
import { topicAccess } from '../server/topic-access.ts';
import { trackedEvents } from '../server/tracked-events.ts';
import { trpcSource } from './source.ts';
import { createLiveStore } from './store.ts';

interface Database {
  note: { id: number; team: number };
}
const definitions = defineChannels<Database>()({
  notes: { table: 'note', columns: ['id', 'team'], audience: ['team:{team}'] },
});
type Event = ChangeEvents<Database, typeof definitions>;

const until = { timeout: 10_000, interval: 10 };

/** A hub behind tRPC over HTTP, and a browser's store, between which single messages get lost on demand. */
async function setUp() {
  const timers: (() => void)[] = [];
  const openings: (string | null | undefined)[] = [];
  const hub = createHub({
    definitions,
    onError: (error) => expect.unreachable(String(error)),
    schedule(run) {
      timers.push(run);
      return () => undefined;
    },
    ...topicAccess<string, Event>({ definitions, viewer: () => Promise.resolve({ topics: ['team:1'] }) }),
  });
  const feed = feedOf(hub);
  const t = initTRPC.create();
  const router = t.router({
    changes: t.procedure.input(streamInput(definitions).optional()).subscription(({ input, signal }) => {
      openings.push(input?.lastEventId);
      return trackedEvents(hub.subscribe({ key: 'ada', ...input, signal }));
    }),
  });
  const server = createServer(createHTTPHandler({ router })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  /** The ids of all that came, and of what was lost. */
  const messages: string[] = [];
  const way = { isLossy: false, lost: 0 };
  class LossyEventSource extends EventSource {
    override dispatchEvent(event: globalThis.Event): boolean {
      const id = event.type === 'message' ? (event as MessageEvent).lastEventId : undefined;
      if (id !== undefined && way.isLossy) way.lost += 1;
      else super.dispatchEvent(event);
      if (id !== undefined) messages.push(id);
      return true;
    }
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createTRPCClient<typeof router>({
    links: [httpSubscriptionLink({ url, EventSource: LossyEventSource })],
  });
  const store = createLiveStore({ source: trpcSource(client.changes), backoff: { min: 5, max: 40 } });
  const heard: number[] = [];
  const resyncs: string[] = [];
  const reasons: string[] = [];
  store.subscribeStatus(() => reasons.push(store.getStatus().reason));
  store.addListener({
    onEvent: ({ id }) => void heard.push(id),
    onResync: ({ reason }) => void resyncs.push(reason),
  });
  let seq = 0;
  const tellPositions = (): void => timers.splice(0).forEach((run) => run());
  return {
    way,
    openings,
    heard,
    resyncs,
    reasons,
    /** In one batch. */
    insert: (...ids: number[]) =>
      feed.publish(
        ...ids.map((id) => ({
          kind: 'change' as const,
          event: {
            channel: 'notes',
            operation: 'INSERT',
            seq: (seq += 1),
            announced_at: '',
            id,
            team: 1,
          } as const,
        })),
      ),
    tellPositions,
    /** Until it has come; gives what it was. */
    async tellPosition(): Promise<string | undefined> {
      const before = messages.length;
      tellPositions();
      await vi.waitFor(() => expect(messages.length).toBeGreaterThan(before), until);
      return messages.at(-1);
    },
    isLive: () => vi.waitFor(() => expect(store.getStatus().state).toBe('live'), until),
    async [Symbol.asyncDispose]() {
      store.close();
      await vi.waitFor(() => expect(hub.subscriberCount).toBe(0), until);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('a subscriber that fell silently behind notices at the next position, and goes on from before', async () => {
  await using given = await setUp();
  const { way, openings, heard, resyncs, reasons, insert, tellPositions, isLive } = given;
  await isLive();
  insert(1);
  await vi.waitFor(() => expect(heard).toEqual([1]), until);
  tellPositions();
  insert(2);
  await vi.waitFor(() => expect(heard).toEqual([1, 2]), until);
  tellPositions();
  insert(3);
  // What came after it tells that the position has come, and nothing was lost.
  await vi.waitFor(() => expect(heard).toEqual([1, 2, 3]), until);
  expect(openings).toEqual([undefined]);

  const before = await given.tellPosition();
  way.isLossy = true;
  insert(4, 5);
  await vi.waitFor(() => expect(way.lost).toBe(2), until);
  way.isLossy = false;
  tellPositions();
  await vi.waitFor(() => expect(heard).toEqual([1, 2, 3, 4, 5]), until);
  await isLive();
  expect(openings).toEqual([undefined, before]);
  expect(resyncs).toEqual(['opened']);
  expect(reasons).toContain('Something was lost on the way; trying again');
});
