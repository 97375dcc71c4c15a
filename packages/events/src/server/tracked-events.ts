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
export async function* trackedEvents<Event extends AnyChangeEvent>(
  stream: AsyncIterable<Frame<Event>> | Promise<AsyncIterable<Frame<Event>>>,
): AsyncGenerator<TrackedEnvelope<StreamEvent<Event>>, void, undefined> {
  try {
    for await (const { id, data } of await stream) yield tracked(id, data);
  } catch (error) {
    if (!(error instanceof Revocation)) throw error;
    throw new TRPCError({ code: error.code, message: error.message, cause: error });
  }
}
