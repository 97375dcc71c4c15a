import { createInvalidator, keys } from '../live/invalidator.ts';
import type { ChangedEvent, CreateKeeper } from './world.ts';

/** The shortest time between two fetches of a query, in milliseconds, for those that keep one. */
export const THROTTLE = 250;

export const ours: CreateKeeper = (queryClient, surroundings) =>
  createInvalidator<ChangedEvent>(queryClient, {
    rules: { changes: { all: keys(['plain'], ['pages']), event: (event) => keys([event.screen]) } },
    surroundings,
    onError: () => undefined,
  });

/** What one writes without thinking, each with its own fault. */
export const naive = {
  'invalidate at every event': (queryClient) => ({
    onEvent: ({ screen }) => void queryClient.invalidateQueries({ queryKey: [screen] }),
    onResync: () => queryClient.invalidateQueries(),
    dispose: () => undefined,
  }),
  'invalidate at every event, without cancelling': (queryClient) => ({
    onEvent: ({ screen }) =>
      void queryClient.invalidateQueries({ queryKey: [screen] }, { cancelRefetch: false }),
    onResync: () => queryClient.invalidateQueries({}, { cancelRefetch: false }),
    dispose: () => undefined,
  }),
  'invalidate, throttled': throttled(true),
  'invalidate, throttled, without cancelling': throttled(false),
} satisfies Record<string, CreateKeeper>;

function throttled(cancelRefetch: boolean): CreateKeeper {
  return (queryClient) => {
    const waiting = new Map<string, ReturnType<typeof setTimeout>>();
    return {
      onEvent({ screen }) {
        if (waiting.has(screen)) return;
        const timer = setTimeout(() => {
          waiting.delete(screen);
          void queryClient.invalidateQueries({ queryKey: [screen] }, { cancelRefetch });
        }, THROTTLE);
        waiting.set(screen, timer);
      },
      onResync: () => queryClient.invalidateQueries({}, { cancelRefetch }),
      dispose: () => waiting.forEach((timer) => clearTimeout(timer)),
    };
  };
}
