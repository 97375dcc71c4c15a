import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initTRPC, tracked, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { z } from 'zod';
import type { StreamEvent } from '../event.ts';

export interface NumberEvent {
  readonly channel: 'number_changes';
  readonly seq: number;
}

/** The heartbeat of the test server, and how long its clients bear not to hear it, in milliseconds. */
export const HEARTBEAT = { every: 20, missedAfter: 500 };

function createRouter(stream: (lastEventId: string | undefined, signal: AbortSignal) => AsyncIterable<Sent>) {
  const t = initTRPC.create({
    sse: {
      ping: { enabled: true, intervalMs: HEARTBEAT.every },
      client: { reconnectAfterInactivityMs: HEARTBEAT.missedAfter },
    },
  });
  return t.router({
    changes: t.procedure
      .input(z.object({ lastEventId: z.string().nullish() }))
      .subscription(async function* ({ input, signal }) {
        for await (const { id, event } of stream(
          input.lastEventId ?? undefined,
          signal ?? AbortSignal.any([]),
        )) {
          yield tracked<StreamEvent<NumberEvent>>(id, event);
        }
      }),
  });
}

export type RealtimeRouter = ReturnType<typeof createRouter>;

interface Sent {
  readonly id: string;
  readonly event: StreamEvent<NumberEvent>;
}

/**
 * A real tRPC server with one subscription that behaves as the kit's does: a first frame, `position` or
 * `resync`, then events. It can stop and start again on the same port, and refuse.
 */
export async function realtimeServer() {
  /** What each opening asked for. */
  const openings: (string | undefined)[] = [];
  const open = new Set<{ queue: Sent[]; wake: () => void; ended: boolean }>();
  let position = 0;
  let refusal: TRPCError['code'] | undefined;
  let status: number | undefined;

  async function* stream(lastEventId: string | undefined, signal: AbortSignal): AsyncIterable<Sent> {
    openings.push(lastEventId);
    if (refusal) throw new TRPCError({ code: refusal, message: `refused with ${refusal}` });
    const subscriber = { queue: [] as Sent[], wake: () => {}, ended: false };
    const end = () => {
      subscriber.ended = true;
      subscriber.wake();
    };
    signal.addEventListener('abort', end);
    open.add(subscriber);
    try {
      const event: StreamEvent<NumberEvent> =
        lastEventId === undefined ? { channel: 'position' } : { channel: 'resync', reason: 'resumed' };
      yield { id: `p${position}`, event };
      for (;;) {
        yield* subscriber.queue.splice(0);
        if (subscriber.ended) return;
        // oxlint-disable-next-line no-await-in-loop -- one frame after the other
        await new Promise<void>((resolve) => {
          subscriber.wake = resolve;
        });
      }
    } finally {
      open.delete(subscriber);
    }
  }

  const handler = createHTTPHandler({ router: createRouter(stream) });

  async function listen(port: number): Promise<Server> {
    const server = createServer((request, response) => {
      if (status !== undefined) response.writeHead(status).end();
      else handler(request, response);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  async function stop(): Promise<void> {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  let server = await listen(0);
  const { port } = server.address() as AddressInfo;

  return {
    port,
    openings,
    subscribers: () => open.size,
    send(seq: number): void {
      position += 1;
      const sent: Sent = { id: `p${position}`, event: { channel: 'number_changes', seq } };
      for (const subscriber of open) {
        subscriber.queue.push(sent);
        subscriber.wake();
      }
    },
    /** Ends every stream in good order. */
    endStreams(): void {
      for (const subscriber of open) {
        subscriber.ended = true;
        subscriber.wake();
      }
    },
    /** Refuses new streams with this code, until called without. */
    refuse(code?: TRPCError['code']): void {
      refusal = code;
    },
    /** Answers everything with this HTTP status, as a proxy without its server does. */
    answer(code?: number): void {
      status = code;
    },
    stop,
    async start(): Promise<void> {
      server = await listen(port);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      if (server.listening) await stop();
    },
  };
}
