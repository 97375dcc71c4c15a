import type { Query, QueryClient } from '@tanstack/react-query';
import { finalCodeOf } from './source.ts';
import type { Now, Report, Schedule, Surroundings } from './surroundings.ts';

type CacheEvent = Parameters<Parameters<ReturnType<QueryClient['getQueryCache']>['subscribe']>[0]>[0];

export interface RefetcherOptions {
  readonly throttleMs: number;
  readonly now: Now;
  readonly schedule: Schedule;
  readonly surroundings: Surroundings;
  readonly onError: Report;
}

/** What is known about a query that events have touched. */
interface Entry {
  readonly query: Query;
  /** Something changed that no fetch begun since can have seen. */
  dirty: boolean;
  /** A fetch of the whole query is in flight that began after the last change. */
  covered: boolean;
  /** When our last fetch of it may be followed by the next. */
  notBefore: number;
  failures: number;
  cancelTimer?: (() => void) | undefined;
}

export interface Refetcher {
  /** Something changed: the queries are fetched again, each throttled, one fetch at a time, none missed. */
  mark(queries: readonly Query[]): void;
  /** Like `mark`; settles when none of the queries on screen shows what was known before. */
  markAll(queries: readonly Query[]): Promise<void>;
  dispose(): void;
}

const MAX_RETRY_MS = 10_000;

/**
 * The loop that keeps queries true under events. `invalidateQueries` alone does not: during a first fetch React
 * Query swallows it, and under steady events it cancels and restarts for ever. Here an event only marks a query
 * dirty, and one step, taken whenever something changes for that query, decides: a fetch in flight is awaited,
 * the throttle too; then the mark is cleared by the start of a fetch (ours or anybody's), and set again if that
 * fetch comes to nothing.
 */
export function createRefetcher(queryClient: QueryClient, options: RefetcherOptions): Refetcher {
  const { throttleMs, now, schedule, surroundings, onError } = options;
  const cache = queryClient.getQueryCache();
  // Weak: a query that React Query has collected takes its entry along.
  const entries = new WeakMap<Query, Entry>();
  /** What `markAll` waits for; true once a fetch began that covers it. */
  const unsettled = new Map<Entry, boolean>();
  let settled: PromiseWithResolvers<void> | undefined;
  let disposed = false;

  function entryOf(query: Query): Entry {
    let entry = entries.get(query);
    if (!entry) {
      entry = { query, dirty: false, covered: false, notBefore: 0, failures: 0 };
      entries.set(query, entry);
    }
    return entry;
  }

  function settle(entry: Entry): void {
    if (unsettled.delete(entry) && unsettled.size === 0) {
      settled?.resolve();
      settled = undefined;
    }
  }

  function step(entry: Entry): void {
    const { query } = entry;
    // What is in flight comes back here when it ends.
    if (disposed || !entry.dirty || query.state.fetchStatus !== 'idle') return;
    if (query.isStatic()) {
      entry.dirty = false;
      return settle(entry);
    }
    // Whoever needs the data meanwhile must not take it for fresh; the entry stays dirty, the mark can get lost.
    query.invalidate();
    if (!query.isActive() || surroundings.isHidden()) return settle(entry);
    const wait = entry.notBefore - now();
    if (wait > 0) {
      entry.cancelTimer ??= schedule(() => {
        entry.cancelTimer = undefined;
        step(entry);
      }, wait);
      return;
    }
    entry.notBefore = now() + throttleMs;
    // Errors show in the query's state and come back through the cache's `error` action.
    void queryClient.refetchQueries(
      { queryKey: query.queryKey, exact: true, type: 'active' },
      { cancelRefetch: false },
    );
  }

  /** After React Query has finished with what it is in the middle of. */
  function stepSoon(entry: Entry): void {
    if (entry.dirty) void Promise.resolve().then(() => step(entry));
  }

  function begin(entry: Entry, whole: boolean): void {
    if (!whole) return lose(entry);
    if (!entry.dirty) return;
    entry.dirty = false;
    entry.covered = true;
    if (unsettled.has(entry)) unsettled.set(entry, true);
  }

  /** The fetch that would have covered the mark was cancelled or replaced. */
  function lose(entry: Entry): void {
    if (!entry.covered) return;
    entry.covered = false;
    entry.dirty = true;
    if (unsettled.has(entry)) unsettled.set(entry, false);
  }

  function succeed(entry: Entry): void {
    entry.covered = false;
    entry.failures = 0;
    if (unsettled.get(entry) === true) settle(entry);
  }

  function fail(entry: Entry, error: unknown): void {
    if (!entry.covered) return;
    onError(error, `Fetching ${entry.query.queryHash} again failed`);
    entry.covered = false;
    settle(entry);
    // Asking again would get the same answer; the screen shows the error.
    if (finalCodeOf(error) !== undefined) return;
    entry.dirty = true;
    entry.failures += 1;
    const pause = Math.min(MAX_RETRY_MS, throttleMs * 2 ** Math.min(entry.failures, 30));
    entry.notBefore = Math.max(entry.notBefore, now() + pause);
  }

  function observe(event: CacheEvent): void {
    const query: Query = event.query;
    const entry = entries.get(query);
    if (!entry) return;
    if (event.type === 'removed') {
      entry.cancelTimer?.();
      entries.delete(query);
      return settle(entry);
    }
    if (event.type === 'updated') {
      const { action } = event;
      if (action.type === 'fetch') begin(entry, action.meta?.fetchMore === undefined);
      if (action.type === 'success' && !action.manual) succeed(entry);
      if (action.type === 'error') fail(entry, action.error);
      // A cancelled fetch puts the state back to what it was.
      if (action.type === 'setState' && entry.query.state.fetchStatus === 'idle') lose(entry);
    }
    if (event.type !== 'observerResultsUpdated') stepSoon(entry);
  }

  const stopObserving = cache.subscribe(observe);
  const stopWatching = surroundings.onChange(() => {
    if (surroundings.isHidden()) return;
    for (const query of cache.getAll()) {
      const entry = entries.get(query);
      if (entry) step(entry);
    }
  });

  function mark(queries: readonly Query[]): void {
    for (const query of queries) {
      const entry = entryOf(query);
      entry.dirty = true;
      step(entry);
    }
  }

  return {
    mark,
    markAll(queries) {
      for (const query of queries) unsettled.set(entryOf(query), false);
      mark(queries);
      if (unsettled.size === 0) return Promise.resolve();
      settled ??= Promise.withResolvers<void>();
      return settled.promise;
    },
    dispose() {
      disposed = true;
      stopObserving();
      stopWatching();
      for (const query of cache.getAll()) entries.get(query)?.cancelTimer?.();
      unsettled.clear();
      settled?.resolve();
    },
  };
}
