import { tracked, TRPCError, type TrackedEnvelope } from '@trpc/server';

import type { AnyChangeEvent, StreamEvent } from '../event.ts';
import { Revocation } from './access.ts';
import { type Frame, FrameQueue } from './subscriber.ts';

/** The streams behind what {@link trackedEvents} gave. */
const streams = new WeakMap<object, Promise<AsyncIterable<Frame<AnyChangeEvent>>>>();

/** The hub's stream behind a procedure's result, once it is open; undefined: it is none, or did not open. */
export async function queueBehind(result: unknown): Promise<FrameQueue<AnyChangeEvent> | undefined> {
  const stream = await streams.get(result as object)?.catch(() => undefined);
  return stream instanceof FrameQueue ? stream : undefined;
}

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
  const events: AsyncIterableIterator<TrackedEnvelope<StreamEvent<Event>>, undefined, undefined> = {
    async next() {
      try {
        const frame = await (await frames()).next();
        return frame.done === true ? done : { value: tracked(frame.value.id, frame.value.data) };
      } catch (error) {
        throw error instanceof Revocation ? toTRPCError(error) : error;
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
  streams.set(events, opening);
  return events;
}

export function toTRPCError(revocation: Revocation): TRPCError {
  return new TRPCError({ code: revocation.code, message: revocation.message, cause: revocation });
}
