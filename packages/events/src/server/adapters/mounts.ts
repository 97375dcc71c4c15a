import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createExpressMiddleware } from '@trpc/server/adapters/express';
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import express from 'express';
import { fastify } from 'fastify';
import { WebSocketServer } from 'ws';

import { createFanOut } from '../fan-out/index.ts';
import type { Application, Context } from './application.ts';
import { serveFetch } from './fetch-bridge.ts';

export interface Mounted {
  readonly port: number;
  /** Cuts every connection, as a server that stops does. */
  close(): Promise<void>;
}

type AppRouter = Application['plain'] | Application['transforming'];

/** Serves the router under `/trpc` on this port of 127.0.0.1; 0: any that is free. */
export type Mount = (router: AppRouter, port: number) => Promise<Mounted>;

const BEARER = /^Bearer (.+)$/;

function contextOf(authorization: string | null | undefined): Context {
  return { person: BEARER.exec(authorization ?? '')?.[1] };
}

async function serve(listener: RequestListener, port: number): Promise<Mounted> {
  const server = createServer(listener);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const standalone: Mount = (router, port) =>
  serve(
    createHTTPHandler({
      router,
      basePath: '/trpc/',
      createContext: ({ req }) => contextOf(req.headers.authorization),
    }),
    port,
  );

const fannedOut: Mount = (router, port) =>
  serve(
    createFanOut().handler({
      router,
      basePath: '/trpc/',
      createContext: ({ req }) => contextOf(req.headers.authorization),
    }),
    port,
  );

const expressApp: Mount = (router, port) => {
  const app = express();
  app.use(
    '/trpc',
    createExpressMiddleware({
      router,
      createContext: ({ req }) => contextOf(req.headers.authorization),
    }),
  );
  return serve(app, port);
};

const fastifyApp: Mount = async (router, port) => {
  const app = fastify({ forceCloseConnections: true });
  await app.register(fastifyTRPCPlugin, {
    prefix: '/trpc',
    trpcOptions: { router, createContext: ({ req }) => contextOf(req.headers.authorization) },
  } satisfies FastifyTRPCPluginOptions<AppRouter>);
  await app.listen({ host: '127.0.0.1', port });
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
};

const fetchHandler =
  (host: Parameters<typeof serveFetch>[1]): Mount =>
  (router, port) =>
    serve(
      serveFetch(
        (req) =>
          fetchRequestHandler({
            endpoint: '/trpc',
            router,
            req,
            createContext: () => contextOf(req.headers.get('authorization')),
          }),
        host,
      ),
      port,
    );

/** The same router behind each of tRPC's HTTP adapters, and the kit's own. */
export const mounts: Readonly<Record<string, Mount>> = {
  standalone,
  'the fan-out': fannedOut,
  Express: expressApp,
  Fastify: fastifyApp,
  'a Next-style fetch handler': fetchHandler({ abortsRequest: true, cancelsBody: true }),
};

/** Hosts of fetch handlers that tell in one way only that the client has gone. */
export const lesserHosts: Readonly<Record<string, Mount>> = {
  'a host that only aborts the request': fetchHandler({ abortsRequest: true, cancelsBody: false }),
  'a host that only cancels the body': fetchHandler({ abortsRequest: false, cancelsBody: true }),
};

/** The same router behind a WebSocket, where the session travels with the connection. */
export const webSocket: Mount = async (router, port) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port, path: '/trpc' });
  applyWSSHandler({
    wss: server,
    router,
    createContext: ({ info }): Context => ({ person: info.connectionParams?.['person'] }),
  });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
};
