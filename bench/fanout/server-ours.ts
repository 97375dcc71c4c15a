/** The kit: a hub, its stream as a tRPC subscription, and the fan-out before tRPC's handler. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { initTRPC } from '@trpc/server';

import { defineChannels } from '../../packages/events/src/index.ts';
import {
  attachStreams,
  createFanOut,
  createHub,
  topicAccess,
  trackedEvents,
} from '../../packages/events/src/server/index.ts';
import { feedOf } from '../../packages/events/src/server/testing-feed.ts';
import { CHANNEL, type FanoutEvent } from './event.ts';
import { serve } from './serve.ts';

interface Database {
  task: { id: string; team_id: number; name: string; state: string; due: string };
}

const channels = defineChannels<Database>()({
  [CHANNEL]: {
    table: 'task',
    columns: ['id', 'team_id', 'name', 'state', 'due'],
    audience: ['team:{team_id}'],
  },
});

await serve(async ({ pingEvery }) => {
  const hub = createHub({
    definitions: channels,
    onError: console.error,
    ...topicAccess<number, FanoutEvent>({
      definitions: channels,
      viewer: (team) => Promise.resolve({ topics: [`team:${team}`] }),
    }),
  });
  const feed = feedOf(hub);
  const t = initTRPC.create({
    sse: {
      ping: { enabled: true, intervalMs: pingEvery },
      client: { reconnectAfterInactivityMs: 2 * pingEvery },
    },
  });
  const router = t.router({
    changes: t.procedure
      .use(attachStreams)
      .input((input) => input as { readonly team: number; readonly lastEventId?: string | null })
      .subscription(({ input: { team, lastEventId }, signal }) =>
        trackedEvents(hub.subscribe({ key: team, lastEventId, signal })),
      ),
  });
  const server = createServer(createFanOut().handler({ router })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    path: `/changes?input=${encodeURIComponent('{"team":{team}}').replace('%7Bteam%7D', '{team}')}`,
    // One read of the log.
    publish: (events) => feed.publish(...events.map((event) => ({ kind: 'change', event }) as const)),
  };
});
