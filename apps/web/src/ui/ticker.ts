import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One timer for the whole page: it starts with the first reader of the time and stops with the last. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** What `read` makes of the time; renders again only when that differs. */
export function useTicking<Value extends string | number | boolean>(read: (now: number) => Value): Value {
  return useSyncExternalStore(subscribe, () => read(Date.now()));
}

/** The latest of these moments that has passed; renders again only when one more does. */
export function useLastPassed(moments: readonly (string | number)[]): number {
  return useTicking((now) =>
    Math.max(...moments.map((at) => new Date(at).getTime()).filter((at) => at <= now), -Infinity),
  );
}
