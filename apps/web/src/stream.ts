import { trpcSource } from '@processflow/events/shared';
import type { AppRouter } from '@processflow/server';
import { createTRPCClient, httpSubscriptionLink } from '@trpc/client';

/**
 * The viewer's one stream, with nothing of the screens, so that the worker stays small. It says whose it is to be:
 * by the time it is opened, or opened again, another tab may have signed in as someone else.
 */
export function createStreamSource(viewer: string | undefined) {
  const { changes } = createTRPCClient<AppRouter>({
    links: [httpSubscriptionLink({ url: '/api/trpc' })],
  }).realtime;
  type Handlers = Parameters<typeof changes.subscribe>[1];
  return trpcSource({
    subscribe: (input: { lastEventId?: string }, handlers: Handlers) =>
      changes.subscribe({ ...input, ...(viewer !== undefined && { viewer }) }, handlers),
  });
}
