import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import type { FanOut } from '@processflow/events/server';
import { toNodeHandler } from 'better-auth/node';

import { CLIENT_ADDRESS_HEADER } from './auth.ts';
import { createContext, identify, type Services, toHeaders, viewerKeyOf } from './context.ts';
import { isForeign, isStrangeHost, ownOrigin } from './origin.ts';
import type { Admission, StreamLimits } from './realtime/limits.ts';
import { createPlainRealtime } from './realtime/plain.ts';
import { appRouter } from './router.ts';
import { PING } from './trpc.ts';

/** A model of the largest size the engine reads, with room for what is around it. */
const LARGEST_BODY = 4 * 1024 * 1024;

/** An address, a password, a name. */
const LARGEST_AUTH_BODY = 64 * 1024;

export interface HttpOptions {
  readonly services: Services;
  readonly limits: StreamLimits;
  readonly fanOut: FanOut;
  /** `GET /metrics`; without it there is none. */
  readonly metrics?: RequestListener | undefined;
  /** Serves everything that is not under `/api`. */
  readonly web: RequestListener;
  readonly publicUrl: string | undefined;
  readonly trustProxy: boolean;
  readonly onError: (error: unknown) => void;
}

type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => unknown;

/** Everything on one port: the API, better-auth, the plain stream and the web app. */
export function createRequestHandler(options: HttpOptions): RequestListener {
  const { services, limits, fanOut, metrics, web, publicUrl, trustProxy, onError } = options;
  const admit = (request: IncomingMessage, response: ServerResponse): Admission =>
    limits.admit(
      {
        address: clientAddress(request, trustProxy),
        url: request.url ?? '',
        lastEventId: request.headers['last-event-id']?.toString(),
      },
      response,
    );
  const contextOf = createContext(services);
  const trpc = fanOut.handler({
    router: appRouter,
    basePath: '/api/trpc/',
    createContext: async ({ req, res, info }) => {
      const admission = info.type === 'subscription' ? admit(req, res) : null;
      return await contextOf({ req, res, admission });
    },
    maxBodySize: LARGEST_BODY,
    onError: ({ error }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') onError(error.cause ?? error);
    },
  });
  const betterAuth = toNodeHandler(services.auth);
  const auth: Route = (request, response) => {
    // better-auth reads whatever it is sent, from anybody, into memory.
    if (request.headers['transfer-encoding'] !== undefined) {
      return sendJson(response, 411, { message: 'Say how long the body is: Content-Length.' });
    }
    if (Number(request.headers['content-length'] ?? 0) > LARGEST_AUTH_BODY) {
      return sendJson(response, 413, { message: 'That is more than a sign-in needs.' });
    }
    // A program names no origin and acts for itself; better-auth would take some of them for a page that hides its own.
    request.headers.origin ??= ownOrigin(request.headers.host, publicUrl);
    return betterAuth(request, response);
  };
  const plain = createPlainRealtime({
    hub: services.hub,
    fanOut,
    admit,
    ping: PING,
    identify: async (request) => {
      const { signedIn } = await identify(services, toHeaders(request.headers));
      return signedIn && viewerKeyOf(signedIn);
    },
  });

  const route = (pathname: string): Route => {
    if (pathname === '/healthz') return (_, response) => sendJson(response, 200, { status: 'ok' });
    if (pathname === '/metrics') return metrics ?? noMetrics;
    if (pathname.startsWith('/api/trpc/')) return trpc;
    if (pathname.startsWith('/api/auth/')) return auth;
    if (pathname === '/api/realtime') return plain;
    if (pathname === '/api' || pathname.startsWith('/api/')) {
      return (_, response) => sendJson(response, 404, { message: `There is nothing at ${pathname}.` });
    }
    return web;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = URL.parse(request.url ?? '/', 'http://server');
    if (url === null) return sendJson(response, 400, { message: 'This is not an address.' });
    if (url.pathname.startsWith('/api')) {
      if (isStrangeHost(request, publicUrl)) {
        const message = `This server does not know itself as "${request.headers.host}". Set PUBLIC_URL to the address that browsers see.`;
        return sendJson(response, 403, { message });
      }
      if (isForeign(request, publicUrl)) {
        return sendJson(response, 403, { message: 'Requests from pages of other sites are refused.' });
      }
    }
    request.headers[CLIENT_ADDRESS_HEADER] = clientAddress(request, trustProxy);
    await route(url.pathname)(request, response, url);
  };

  return (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'same-origin');
    handle(request, response).catch((error: unknown) => {
      onError(error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { message: 'Something went wrong on our side. Try again in a moment.' });
    });
  };
}

/** Otherwise the app would be served here, and be taken for metrics that cannot be read. */
function noMetrics(_: IncomingMessage, response: ServerResponse): void {
  sendJson(response, 404, { message: 'There are no metrics without METRICS_TOKEN.' });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The last address that was added is the one our own proxy saw; those before it are what the client claims. */
function clientAddress(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy
    ? request.headers['x-forwarded-for']?.toString().split(',').at(-1)?.trim()
    : undefined;
  return forwarded ?? request.socket.remoteAddress ?? 'unknown';
}
