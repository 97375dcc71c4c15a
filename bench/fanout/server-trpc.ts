/** tRPC as its documentation shows it: an async generator over an EventEmitter, on the standalone adapter. */
import { EventEmitter, on, once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { initTRPC, tracked } from '@trpc/server';
import { createHTTPServer } from '@trpc/server/adapters/standalone';

import type { FanoutEvent } from './event.ts';
import { serve } from './serve.ts';

await serve(async ({ pingEvery }) => {
  const emitter = new EventEmitter<Record<string, [FanoutEvent]>>();
  emitter.setMaxListeners(0);
  const t = initTRPC.create({
    sse: {
      ping: { enabled: true, intervalMs: pingEvery },
      client: { reconnectAfterInactivityMs: 2 * pingEvery },
    },
  });
  const router = t.router({
    changes: t.procedure
      .input((input) => input as { readonly team: number; readonly lastEventId?: string | null })
      .subscription(async function* ({ input, signal }) {
        for await (const [event] of on(emitter, `team:${input.team}`, { signal: signal! })) {
          yield tracked(String((event as FanoutEvent).seq), event as FanoutEvent);
        }
      }),
  });
  const server = createHTTPServer({ router }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    path: `/changes?input=${encodeURIComponent('{"team":{team}}').replace('%7Bteam%7D', '{team}')}`,
    publish(events) {
      for (const event of events) emitter.emit(`team:${event.team_id}`, event);
    },
  };
});
