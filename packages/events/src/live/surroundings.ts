/** The time, in milliseconds since 1970. */
export type Now = () => number;

/** Calls back once after `ms`; returns how to cancel that. */
export type Schedule = (callback: () => void, ms: number) => () => void;

/** What the browser knows about itself. */
export interface Surroundings {
  isOnline(): boolean;
  /** True while nobody can see the page: another tab is in front, the screen is locked. */
  isHidden(): boolean;
  /** Calls back when either changes; returns how to stop that. */
  onChange(listener: () => void): () => void;
}

/** Node's and the browser's own timers. */
export const schedule: Schedule = (callback, ms) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

/** The browser's own word. Outside of a browser: online and visible, for ever. */
export function browserSurroundings(): Surroundings {
  const page = typeof document === 'undefined' ? undefined : document;
  const frame = typeof window === 'undefined' ? undefined : window;
  return {
    // Node has a `navigator` that says nothing of the network.
    isOnline: () => typeof navigator === 'undefined' || !('onLine' in navigator) || navigator.onLine,
    isHidden: () => page?.visibilityState === 'hidden',
    onChange(listener) {
      const over = new AbortController();
      page?.addEventListener('visibilitychange', listener, over);
      frame?.addEventListener('online', listener, over);
      frame?.addEventListener('offline', listener, over);
      return () => over.abort();
    },
  };
}

/** Where faults go that must not stop anything else. */
export type Report = (error: unknown, what: string) => void;

export const reportToConsole: Report = (error, what) => {
  console.error(what, error);
};
