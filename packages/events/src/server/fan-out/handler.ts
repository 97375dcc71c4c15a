import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import {
  type AnyTRPCRouter,
  getTRPCErrorFromUnknown,
  getErrorShape,
  transformTRPCResponse,
} from '@trpc/server';
import { createURL, incomingMessageToRequest } from '@trpc/server/adapters/node-http';
import { createHTTPHandler, type CreateHTTPHandlerOptions } from '@trpc/server/adapters/standalone';
import { resolveResponse } from '@trpc/server/http';

import type { Revocation } from '../access.ts';
import { toTRPCError } from '../tracked-events.ts';
import { frontRequest, type FrontRequest, type StreamCall } from './attach-streams.ts';
import type { Attachment } from './connection.ts';
import { namedFrame, type RouterConfig, trpcWire } from './trpc-wire.ts';
import { connectedFrame, writeHead, writeOut } from './write-out.ts';

/** tRPC's handler, and before it one for subscriptions, of which it attaches those that are a hub's stream. */
export function createHandler<Router extends AnyTRPCRouter>(
  options: CreateHTTPHandlerOptions<Router>,
  attach: (attachment: Attachment) => void,
): RequestListener {
  const { router, basePath = '/', middleware, maxBodySize = null, createContext, onError } = options;
  const { procedures } = router._def;
  const config = router._def._config as RouterConfig;
  const standard = createHTTPHandler(options);
  const { enabled = true, emitAndEndImmediately = false, ping } = config.sse ?? {};
  const pingEvery = ping?.enabled === true ? (ping.intervalMs ?? 1_000) : 0;

  /** The path of a subscription that is asked for by GET; what is anything else is left to tRPC. */
  function subscriptionPath(request: IncomingMessage): string | undefined {
    if (!enabled || emitAndEndImmediately || request.method !== 'GET') return undefined;
    try {
      const path = createURL(request).pathname.slice(basePath.length);
      const procedure = (procedures as Record<string, { _def: { type: string } } | undefined>)[
        decodeURIComponent(path)
      ];
      return procedure?._def.type === 'subscription' ? path : undefined;
    } catch {
      return undefined;
    }
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    cause: unknown,
  ): Promise<void> {
    const req = incomingMessageToRequest(request, response, { maxBodySize });
    const front: FrontRequest = {};
    const answer = await frontRequest.run(front, () =>
      resolveResponse({
        ...options,
        req,
        path,
        error: cause === undefined || cause === null ? null : getTRPCErrorFromUnknown(cause),
        createContext: async (inner) =>
          await createContext?.({ ...options, ...inner, req: request, res: response, path } as never),
        onError: (failed) => onError?.({ ...failed, req: request }),
      }),
    );
    const { call } = front;
    if (call === undefined) return writeOut(response, answer, req.signal);
    const connected = await connectedFrame(answer);
    call.release();
    if (req.signal.aborted) return void call.queue.return();
    writeHead(response, answer);
    response.write(connected);
    // Such as the longest time a stream may last.
    call.signal?.addEventListener('abort', () => void call.queue.return(), { once: true });
    attach({
      response,
      queue: call.queue,
      wire: trpcWire(config),
      pingEvery: pingEvery > 0 && pingEvery < Infinity ? pingEvery : undefined,
      last: async (revocation) => {
        try {
          return await lastFrame(request, call, revocation);
        } catch (error) {
          // Such as an error formatter that fails.
          fail(request, response, error);
          return undefined;
        }
      },
    });
    if (call.signal?.aborted === true) void call.queue.return();
  }

  async function lastFrame(
    request: IncomingMessage,
    { signal, ctx, path, getRawInput }: StreamCall,
    revocation: Revocation | undefined,
  ): Promise<string | undefined> {
    if (revocation === undefined) return signal?.aborted === true ? undefined : namedFrame('return', '');
    const failed = {
      error: toTRPCError(revocation),
      path,
      input: await getRawInput(),
      ctx: ctx as never,
      type: 'subscription' as const,
    };
    onError?.({ ...failed, req: request });
    const shape = getErrorShape({ config, ...failed });
    return namedFrame('serialized-error', JSON.stringify(config.transformer.output.serialize(shape)));
  }

  /** As tRPC answers what failed before it could be told what. */
  function fail(request: IncomingMessage, response: ServerResponse, cause: unknown): void {
    const failed = {
      error: getTRPCErrorFromUnknown(cause),
      type: 'unknown' as const,
      path: undefined,
      input: undefined,
      ctx: undefined,
    };
    onError?.({ ...failed, req: request });
    if (response.headersSent) return void response.destroy();
    const shape = getErrorShape({ config, ...failed });
    response.statusCode = shape.data.httpStatus;
    response.end(JSON.stringify(transformTRPCResponse(config, { error: shape })));
  }

  return (request, response) => {
    const path = subscriptionPath(request);
    if (path === undefined) return standard(request, response);
    const next = (cause?: unknown): void => {
      serve(request, response, path, cause).catch((error: unknown) => fail(request, response, error));
    };
    if (middleware === undefined) next();
    else middleware(request, response, next);
  };
}
