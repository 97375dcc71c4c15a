import { InfiniteQueryObserver, QueryClient, QueryObserver } from '@tanstack/react-query';
import { vi } from 'vitest';
import type { Surroundings } from '../live/surroundings.ts';

/** The two screens of the simulated world: a plain query and an infinite one. */
export const screens = ['plain', 'pages'] as const;
export type Screen = (typeof screens)[number];

export interface ChangedEvent {
  readonly channel: 'changes';
  readonly screen: Screen;
}

/** What happens, and how many milliseconds after the step before. */
export type Step = { readonly after: number } & (
  | { readonly do: 'write'; readonly screen: Screen; readonly announcedAfter: number }
  | {
      readonly do: 'mount' | 'unmount' | 'enable' | 'disable' | 'refetch' | 'cancel' | 'touch' | 'remove';
      readonly screen: Screen;
    }
  | { readonly do: 'next page' | 'hide' | 'show' | 'resync' }
);

/** One answer of the simulated server. */
export interface Answer {
  readonly takes: number;
  /** When, within its time, it reads the truth: 0 at the start, 1 at the end. */
  readonly readsAt: number;
  readonly fails: boolean;
  /** Whether the fetch can be aborted; React Query does so when nobody watches any more. */
  readonly abortable: boolean;
}

/** Whatever keeps the screens true when events come. */
export interface Keeper {
  onEvent(event: ChangedEvent): void;
  onResync(resync: object): unknown;
  dispose(): void;
}

export type CreateKeeper = (queryClient: QueryClient, surroundings: Surroundings) => Keeper;

/**
 * A server whose truth changes, screens that show what they fetched, and a keeper between them, under fake
 * timers. Nothing ever becomes stale by age: only the keeper makes a screen fetch again.
 */
export function createWorld(createKeeper: CreateKeeper, answers: readonly Answer[], retries = 0) {
  const started = Date.now();
  let hidden = false;
  let healthy = false;
  const watchers = new Set<() => void>();
  const surroundings: Surroundings = {
    isOnline: () => true,
    isHidden: () => hidden,
    onChange(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
  };
  const queryClient = new QueryClient({
    defaultOptions: {
      queries: { staleTime: Infinity, retry: retries, retryDelay: 20, networkMode: 'always' },
    },
  });
  const keeper = createKeeper(queryClient, surroundings);

  const truth: Record<Screen, number> = { plain: 0, pages: 0 };
  const announced: Record<Screen, number> = { plain: 0, pages: 0 };
  const requests: Record<Screen, number[]> = { plain: [], pages: [] };
  const inFlight: Record<Screen, number> = { plain: 0, pages: 0 };
  let mostInFlight = 0;
  const shown: { at: number; value: number }[] = [];
  let answered = 0;

  async function fetch(screen: Screen, context: { readonly signal: AbortSignal }): Promise<number> {
    const usual = { takes: 10, readsAt: 0, fails: false, abortable: false };
    const { takes, readsAt, fails, abortable } = healthy
      ? usual
      : (answers[answered++ % answers.length] ?? usual);
    // Reading the signal tells React Query that the fetch can be aborted.
    const signal = abortable ? context.signal : undefined;
    requests[screen].push(Date.now() - started);
    inFlight[screen] += 1;
    mostInFlight = Math.max(mostInFlight, inFlight[screen]);
    try {
      await sleep(takes * readsAt);
      const read = truth[screen];
      await sleep(takes * (1 - readsAt));
      signal?.throwIfAborted();
      if (fails) throw new Error('The server hiccuped');
      return read;
    } finally {
      inFlight[screen] -= 1;
    }
  }

  const caused: Record<string, number> = {};
  const refetchQueries = queryClient.refetchQueries.bind(queryClient);
  queryClient.refetchQueries = (filters, ...rest) => {
    const [name] = (filters?.queryKey ?? []) as string[];
    if (name !== undefined) caused[name] = (caused[name] ?? 0) + 1;
    return refetchQueries(filters, ...rest);
  };

  const plain = new QueryObserver(queryClient, {
    queryKey: ['plain'],
    queryFn: (context) => fetch('plain', context),
  });
  const paged = {
    queryKey: ['pages'],
    queryFn: (context: { readonly signal: AbortSignal }) => fetch('pages', context),
    initialPageParam: 0,
    getNextPageParam: (_last: number, all: readonly number[]) => (all.length < 3 ? all.length : undefined),
  };
  const pages = new InfiniteQueryObserver(queryClient, paged);
  const observers = { plain, pages };
  const mounted: Partial<Record<Screen, () => void>> = {};

  function mount(screen: Screen): void {
    mounted[screen] ??= observers[screen].subscribe(() => {
      if (screen === 'plain' && plain.getCurrentResult().data !== undefined) {
        shown.push({ at: Date.now() - started, value: plain.getCurrentResult().data ?? -1 });
      }
    });
  }

  function unmount(screen: Screen): void {
    mounted[screen]?.();
    delete mounted[screen];
  }

  function see(hide: boolean): void {
    hidden = hide;
    for (const watcher of watchers) watcher();
  }

  function take(step: Step): void {
    switch (step.do) {
      case 'write': {
        truth[step.screen] += 1;
        setTimeout(() => {
          announced[step.screen] = Date.now() - started;
          keeper.onEvent({ channel: 'changes', screen: step.screen });
        }, step.announcedAfter);
        return;
      }
      case 'mount':
        return mount(step.screen);
      case 'unmount':
        return unmount(step.screen);
      case 'refetch':
        if (mounted[step.screen]) void observers[step.screen].refetch();
        return;
      case 'cancel':
        void queryClient.cancelQueries({ queryKey: [step.screen] });
        return;
      case 'enable':
      case 'disable':
        if (step.screen === 'plain') plain.setOptions({ ...plain.options, enabled: step.do === 'enable' });
        else pages.setOptions({ ...paged, enabled: step.do === 'enable' });
        return;
      case 'touch':
        // An optimistic update makes React Query believe that the data is fresh.
        queryClient.setQueryData([step.screen], (data: unknown) => data);
        return;
      case 'remove':
        if (!mounted[step.screen]) queryClient.removeQueries({ queryKey: [step.screen] });
        return;
      case 'next page':
        if (mounted.pages && pages.getCurrentResult().hasNextPage) void pages.fetchNextPage();
        return;
      case 'hide':
        return see(true);
      case 'show':
        return see(false);
      case 'resync':
        for (const screen of screens) announced[screen] = Date.now() - started;
        keeper.onResync({});
    }
  }

  /** What the screen shows, as far as it is not the truth. */
  function wrong(screen: Screen): string | undefined {
    const { data, status } = observers[screen].getCurrentResult();
    const values = data === undefined ? [] : typeof data === 'number' ? [data] : data.pages;
    const last = requests[screen].at(-1) ?? 0;
    // A first fetch that failed or was cancelled, with no event since: the screen does not claim to know.
    if (values.length === 0 && announced[screen] <= last) return undefined;
    const is = truth[screen];
    if (values.length > 0 && values.every((value) => value === is)) return undefined;
    return `${screen} shows [${values.join()}] (${status}), the truth is ${is}`;
  }

  return {
    queryClient,
    requests,
    /** How many fetches the keeper asked for by `refetchQueries`. */
    caused,
    shown,
    mostInFlight: () => mostInFlight,
    take,
    async run(steps: readonly Step[]): Promise<void> {
      for (const step of steps) {
        await vi.advanceTimersByTimeAsync(step.after);
        take(step);
      }
    },
    /** Lets the server recover, shows the tab, enables the screens, and waits until nothing happens any more. */
    async rest(): Promise<void> {
      healthy = true;
      see(false);
      for (const screen of screens) take({ after: 0, do: 'enable', screen });
      await vi.advanceTimersByTimeAsync(60_000);
    },
    elapsed: () => Date.now() - started,
    /** Everything on screen that is not the truth. */
    wrong: () => screens.filter((screen) => mounted[screen]).flatMap((screen) => wrong(screen) ?? []),
    end(): void {
      for (const screen of screens) unmount(screen);
      keeper.dispose();
      queryClient.clear();
    },
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
