import { tracked, TRPCError, type TrackedEnvelope } from '@trpc/server';

import type { AnyChangeEvent, StreamEvent } from '../event.ts';
import { Revocation } from './access.ts';
import type { Frame } from './subscriber.ts';

/**
 * What a tRPC subscription yields: every frame of the hub's, tracked by its position. A {@link Revocation} becomes a
 * `TRPCError` of its code, which the client does not try again after.
 *
 * @example
 * const changes = procedure.input(streamInput(channels).optional()).subscription(({ ctx, input, signal }) =>
 *   trackedEvents(hub.subscribe({ key: ctx.userId, ...input, signal })),
 * );
 */
export function trackedEvents<Event extends AnyChangeEvent>(
  stream: AsyncIterable<Frame<Event>> | Promise<AsyncIterable<Frame<Event>>>,
): AsyncIterableIterator<TrackedEnvelope<StreamEvent<Event>>, undefined, undefined> {
  const opening = Promise.resolve(stream);
  // Whoever aborts before the first frame may never ask for it; `next` says why to those who do.
  opening.catch(() => undefined);
  let opened: AsyncIterator<Frame<Event>> | undefined;
  const frames = async () => (opened ??= (await opening)[Symbol.asyncIterator]());
  const done = { done: true, value: undefined } as const;
  // No generator: its `return` would wait for the frame after which it may leave, which may never come.
  return {
    async next() {
      try {
        const frame = await (await frames()).next();
        return frame.done === true ? done : { value: tracked(frame.value.id, frame.value.data) };
      } catch (error) {
        if (!(error instanceof Revocation)) throw error;
        throw new TRPCError({ code: error.code, message: error.message, cause: error });
      }
    },
    async return() {
      // What was not opened has nothing to close; `next` says why.
      const left = await frames().catch(() => undefined);
      await left?.return?.();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
