import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { initTRPC, TRPCError } from '@trpc/server';
import type { CreateHTTPHandlerOptions } from '@trpc/server/adapters/standalone';
import { SuperJSON } from 'superjson';
import { z } from 'zod';

import { defineChannels } from '../../../contract.ts';
import type { ChangeEvents } from '../../../event.ts';
import { attachStreams, createHub, streamInput, topicAccess, trackedEvents } from '../../index.ts';
import { feedOf } from '../../testing-feed.ts';

interface Database {
  note: { id: number; team: number; text: string };
  member: { id: number; team: number; person: string };
}

const channels = defineChannels<Database>()({
  notes: { table: 'note', columns: ['id', 'team', 'text'], audience: ['team:{team}'] },
  members: {
    table: 'member',
    columns: ['id', 'team', 'person'],
    audience: ['person:{person}', 'team:{team}'],
  },
});
type Event = ChangeEvents<Database, typeof channels>;

interface Context {
  readonly person: string | undefined;
}

interface Settings {
  readonly transforming?: boolean;
  readonly maxDurationMs?: number;
  readonly pingEvery?: number;
}

/** The same small application, deterministic in all that it says, for either handler. */
export function createApplication({ transforming = false, maxDurationMs, pingEvery }: Settings = {}) {
  const left: string[] = [];
  const reported: string[] = [];
  const hub = createHub({
    definitions: channels,
    onError: (error) => reported.push(String(error)),
    now: () => 0,
    ...topicAccess<string, Event>({
      definitions: channels,
      viewer: (person) => Promise.resolve({ topics: [`person:${person}`, 'team:1'] }),
      grants: { members: { to: 'person:{person}', topics: ['team:{team}'] } },
    }),
  });
  const feed = feedOf(hub);
  const t = initTRPC.context<Context>().create({
    ...(transforming && { transformer: SuperJSON }),
    errorFormatter: ({ shape, path, input }) => {
      const { stack: _, ...data } = shape.data;
      return { ...shape, data: { ...data, asked: { path, input } } };
    },
    sse: {
      client: { reconnectAfterInactivityMs: 5_000 },
      ...(pingEvery !== undefined && { ping: { enabled: true, intervalMs: pingEvery } }),
      ...(maxDurationMs !== undefined && { maxDurationMs }),
    },
  });
  const input = streamInput(channels).optional();
  const streaming = t.procedure.use(attachStreams);
  const changes = streaming.input(input).subscription(({ ctx, input: asked, signal }) =>
    trackedEvents(
      hub.subscribe({
        ...asked,
        key: ctx.person ?? 'nobody',
        signal,
        requires: [{ topic: 'team:1', otherwise: 'This is not your team any more.' }],
      }),
    ),
  );
  const router = t.router({
    changes,
    team: t.router({ changes }),
    /** Without the middleware. */
    unattached: t.procedure
      .input(input)
      .subscription(({ signal }) => trackedEvents(hub.subscribe({ key: 'ada', signal }))),
    /** What the middleware sees is not the hub's. */
    wrapped: streaming.subscription(async function* ({ signal }) {
      for await (const frame of trackedEvents(hub.subscribe({ key: 'ada', signal }))) yield frame;
    }),
    returning: streaming.subscription(async () => {
      const stream = await hub.subscribe({ key: 'ada' });
      setTimeout(() => void stream.return?.(), 30);
      return trackedEvents(stream);
    }),
    refused: streaming
      .use(() => {
        throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first.' });
      })
      .subscription(({ signal }) => trackedEvents(hub.subscribe({ key: 'ada', signal }))),
    unavailable: streaming
      .use(() => {
        throw new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: 'Come back later.' });
      })
      .subscription(({ signal }) => trackedEvents(hub.subscribe({ key: 'ada', signal }))),
    broken: streaming.subscription(() => trackedEvents(Promise.reject(new Error('There is no hub.')))),
    counting: streaming.subscription(async function* () {
      yield 1;
      yield 2;
    }),
    hello: streaming.input(z.string().optional()).query(({ input: name = 'you' }) => `Hello ${name}`),
    rename: streaming.input(z.string()).mutation(({ input: name }) => name),
  });

  const options = {
    router,
    basePath: '/trpc/',
    maxBodySize: 1_000,
    middleware: (request, response, next) => {
      response.setHeader('access-control-allow-origin', '*');
      if (request.headers['x-between'] !== undefined) {
        // As one that compresses does: everything has to go through it.
        const write = response.write.bind(response) as (chunk: string) => boolean;
        response.write = (chunk: Uint8Array | string) => write(Buffer.from(chunk).toString().toUpperCase());
      }
      if (request.headers['x-stop'] !== undefined) {
        next(new TRPCError({ code: 'FORBIDDEN', message: 'Stopped.' }));
      } else if (request.method === 'OPTIONS') response.writeHead(204).end();
      else next();
    },
    createContext: async ({ req, res }) => {
      if (req.headers['x-break'] !== undefined) throw new TRPCError({ code: 'TOO_MANY_REQUESTS' });
      res.setHeader('set-cookie', ['seen=1; Path=/', 'twice=2']);
      const person = req.headers.authorization;
      if (person === undefined) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Who are you?' });
      return Promise.resolve({ person });
    },
    responseMeta: ({ type, eagerGeneration }) => ({ headers: { 'x-type': `${type}, ${eagerGeneration}` } }),
    onError: ({ error, path, type }) => left.push(`${type} ${path}: ${error.code} ${error.message}`),
  } satisfies CreateHTTPHandlerOptions<typeof router>;

  let seq = 0;
  const publish = (event: Omit<Event, 'seq' | 'announced_at'>): void => {
    const announced_at = '2026-01-01T00:00:00.123456+00:00';
    feed.publish({ kind: 'change', event: { ...event, seq: ++seq, announced_at } });
  };
  return {
    hub,
    options,
    /** What `onError` was told. */
    errors: left,
    reported,
    note: (text: string) => publish({ channel: 'notes', operation: 'INSERT', id: 1, team: 1, text } as never),
    takeAway: (person: string) =>
      publish({ channel: 'members', operation: 'DELETE', id: 1, team: 1, person } as never),
  };
}

export type Application = ReturnType<typeof createApplication>;

export async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
