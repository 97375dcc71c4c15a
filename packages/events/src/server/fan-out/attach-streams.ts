import { AsyncLocalStorage } from 'node:async_hooks';

import type { AnyChangeEvent } from '../../event.ts';
import type { FrameQueue } from '../subscriber.ts';
import { queueBehind } from '../tracked-events.ts';

/** A call whose result is a hub's stream, and nothing else. */
export interface StreamCall {
  readonly queue: FrameQueue<AnyChangeEvent>;
  readonly signal: AbortSignal | undefined;
  readonly ctx: unknown;
  readonly path: string;
  getRawInput(): Promise<unknown>;
  /** What tRPC iterates in the stream's place waits until then. */
  release(): void;
}

/** What the handler in front of tRPC is told about the request that it has begun. */
export interface FrontRequest {
  call?: StreamCall;
}

export const frontRequest = new AsyncLocalStorage<FrontRequest | undefined>();

interface MiddlewareCall<Result> {
  readonly next: () => Promise<Result>;
  readonly signal: AbortSignal | undefined;
  readonly ctx: unknown;
  readonly path: string;
  getRawInput(): Promise<unknown>;
}

/**
 * The middleware that lets {@link createFanOut}'s handler write a hub's stream to its connection itself. It has to be
 * the first of the procedure, so that it sees what the others have made of the result: only where that is still what
 * `trackedEvents` gave does the handler take over. Without that handler it does nothing.
 *
 * @example
 * const changes = procedure.use(attachStreams).subscription(({ ctx, signal }) =>
 *   trackedEvents(hub.subscribe({ key: ctx.userId, signal })),
 * );
 */
export async function attachStreams<Result>(opts: MiddlewareCall<Result>): Promise<Result> {
  const request = frontRequest.getStore();
  if (request === undefined) return opts.next();
  // What the procedure may call in its turn is not what the request asked for.
  const result = await frontRequest.run(undefined, () => opts.next());
  const { ok, data } = result as { readonly ok: boolean; readonly data?: unknown };
  const queue = ok ? await queueBehind(data) : undefined;
  if (queue === undefined) return result;
  const { signal, ctx, path } = opts;
  const waiting = Promise.withResolvers<{ done: true; value: undefined }>();
  const release = (): void => waiting.resolve({ done: true, value: undefined });
  request.call = { queue, signal, ctx, path, getRawInput: () => opts.getRawInput(), release };
  const standIn: AsyncIterable<never> = { [Symbol.asyncIterator]: () => ({ next: () => waiting.promise }) };
  return { ...result, data: standIn };
}
