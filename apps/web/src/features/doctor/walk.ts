import { type BrowserStepsOptions, type HopResult, runBrowserSteps } from '@processflow/cli/browser-steps';
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Walk {
  readonly results: readonly HopResult[];
  readonly running: boolean;
}

/** Walks as soon as the page is there, and again when asked to; leaves off with the page. */
export function useWalk(options: BrowserStepsOptions): { walk: Walk; again: () => void } {
  const [walk, setWalk] = useState<Walk>({ results: [], running: true });
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const stop = useRef<AbortController>(null);

  const start = useCallback(() => {
    stop.current?.abort();
    const own = new AbortController();
    stop.current = own;
    void follow({ ...latest.current, signal: own.signal }, (next) => {
      if (!own.signal.aborted) setWalk(next);
    });
    return () => own.abort();
  }, []);
  useEffect(() => start(), [start]);

  const again = useCallback(() => {
    setWalk({ results: [], running: true });
    start();
  }, [start]);
  return { walk, again };
}

async function follow(options: BrowserStepsOptions, show: (walk: Walk) => void): Promise<void> {
  let results: readonly HopResult[] = [];
  for await (const result of runBrowserSteps(options)) {
    if (options.signal?.aborted) return;
    results = [...results, result];
    show({ results, running: true });
  }
  show({ results, running: false });
}

/** What this page's requests to its server speak; undefined where the browser does not tell. */
export function spokenHttp(): Promise<string | undefined> {
  const [asked] = performance
    .getEntriesByType('resource')
    .filter((entry): entry is PerformanceResourceTiming => entry instanceof PerformanceResourceTiming)
    .filter(({ name, nextHopProtocol }) => nextHopProtocol !== '' && new URL(name).origin === location.origin)
    .toReversed();
  return Promise.resolve(asked?.nextHopProtocol);
}
