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

class Spare extends Error {
  readonly ms: number;
  constructor(ms: number) {
    super(`Not for ${ms} ms`);
    this.ms = ms;
  }
}

function createRouter(stream: (lastEventId: string | undefined, signal: AbortSignal) => AsyncIterable<Sent>) {
  const t = initTRPC.create({
    sse: {
      ping: { enabled: true, intervalMs: HEARTBEAT.every },
      client: { reconnectAfterInactivityMs: HEARTBEAT.missedAfter },
    },
    // As the limits of a server do: the cause says for how long it wants to be spared.
    errorFormatter: ({ shape, error: { cause } }) => ({
      ...shape,
      data: { ...shape.data, ...(cause instanceof Spare && { retryAfterMs: cause.ms }) },
    }),
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
 * `resync`, then what was missed, then events. It can stop and start again on the same port, and refuse.
 */
export async function realtimeServer() {
  /** What each opening asked for. */
  const openings: (string | undefined)[] = [];
  const open = new Set<{ queue: Sent[]; wake: () => void; ended: boolean }>();
  /** Everything that was sent and is not forgotten. */
  const log: Sent[] = [];
  /** The position before the log's first event. */
  let origin = 'p0';
  let sent = 0;
  const head = () => `p${sent}`;
  let refusal: (() => TRPCError) | undefined;
  let status: number | undefined;

  async function* stream(lastEventId: string | undefined, signal: AbortSignal): AsyncIterable<Sent> {
    openings.push(lastEventId);
    if (refusal) throw refusal();
    const subscriber = { queue: [] as Sent[], wake: () => {}, ended: false };
    const end = () => {
      subscriber.ended = true;
      subscriber.wake();
    };
    signal.addEventListener('abort', end);
    open.add(subscriber);
    const since = log.findIndex(({ id }) => id === lastEventId) + 1;
    const known = since > 0 || lastEventId === undefined || lastEventId === origin;
    if (lastEventId !== undefined && known) subscriber.queue.push(...log.slice(since));
    try {
      if (known) yield { id: lastEventId ?? head(), event: { channel: 'position' } };
      else yield { id: head(), event: { channel: 'resync', reason: 'unknown-position' } };
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
      sent += 1;
      const frame: Sent = { id: head(), event: { channel: 'number_changes', seq } };
      log.push(frame);
      for (const subscriber of open) {
        subscriber.queue.push(frame);
        subscriber.wake();
      }
    },
    /** Forgets what was sent: positions before the present are unknown from now on. */
    forget(): void {
      log.length = 0;
      origin = head();
    },
    /** Ends every stream in good order. */
    endStreams(): void {
      for (const subscriber of open) {
        subscriber.ended = true;
        subscriber.wake();
      }
    },
    /** Refuses new streams with this code, until called without; and asks to be spared for so long. */
    refuse(code?: TRPCError['code'], spareMs?: number): void {
      const cause = spareMs === undefined ? undefined : new Spare(spareMs);
      refusal = code && (() => new TRPCError({ code, message: `refused with ${code}`, cause }));
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
