import type { QueryClient, QueryFilters, QueryKey } from '@tanstack/react-query';
import type { Resync } from './listeners.ts';
import { createRefetcher } from './refetcher.ts';
import type { ChannelEvent } from './source.ts';
import {
  browserSurroundings,
  reportToConsole,
  schedule as realSchedule,
  type Now,
  type Report,
  type Schedule,
  type Surroundings,
} from './surroundings.ts';

/** Which queries a channel's events touch. */
export interface Rule<Event> {
  /** Everything the channel can touch; used at a resync, and for every event unless `event` is given. */
  readonly all: readonly QueryFilters[];
  /** The queries that this one event touches, when that can be said more closely. */
  event?(event: Event): readonly QueryFilters[];
}

/** A rule for every channel: a channel without one does not compile. */
export type Rules<Event extends ChannelEvent> = {
  readonly [Channel in Event['channel']]: Rule<Extract<Event, { readonly channel: Channel }>>;
};

/** Query keys as filters: each matches the queries whose key begins with it. */
export function keys(...queryKeys: readonly QueryKey[]): readonly QueryFilters[] {
  return queryKeys.map((queryKey) => ({ queryKey }));
}

/** The rule of a channel that no query depends on. */
export const nothing: { readonly all: readonly QueryFilters[] } = { all: [] };

export interface InvalidatorOptions<Event extends ChannelEvent> {
  readonly rules: Rules<Event>;
  /** The shortest time between two fetches of one query that events cause. Default: 250 ms. */
  readonly throttleMs?: number;
  readonly now?: Now;
  readonly schedule?: Schedule;
  readonly surroundings?: Surroundings;
  readonly onError?: Report;
}

/** Keeps React Query's caches true under events. It is a listener: `store.addListener(invalidator)`. */
export interface Invalidator<Event extends ChannelEvent> {
  onEvent(event: Event): void;
  /** Settles when everything on screen was fetched again. */
  onResync(resync: Pick<Resync, 'channels'>): Promise<void>;
  /** Stops watching the query cache. */
  dispose(): void;
}

/**
 * Makes an invalidator: queries on screen are fetched again (the first event at once, then throttled per query,
 * one fetch in flight, none missed), others are marked stale, and in a hidden tab all are only marked.
 *
 * @example
 * const invalidator = createInvalidator<AppEvent>(queryClient, {
 *   rules: { role_changes: { all: keys(['roles']), event: (event) => keys(['roles', event.team_id]) } },
 * });
 */
export function createInvalidator<Event extends ChannelEvent>(
  queryClient: QueryClient,
  options: InvalidatorOptions<Event>,
): Invalidator<Event> {
  const {
    rules,
    throttleMs = 250,
    now = Date.now,
    schedule = realSchedule,
    onError = reportToConsole,
  } = options;
  const { surroundings = browserSurroundings() } = options;
  const cache = queryClient.getQueryCache();
  const refetcher = createRefetcher(queryClient, { throttleMs, now, schedule, surroundings, onError });

  function ruleOf(channel: string): Rule<Event> | undefined {
    return Object.hasOwn(rules, channel) ? (rules as Record<string, Rule<Event>>)[channel] : undefined;
  }

  function filtersFor(event: Event): readonly QueryFilters[] {
    const rule = ruleOf(event.channel);
    // A server newer than this page may speak of channels that no query here depends on.
    if (!rule) return [];
    try {
      return rule.event?.(event) ?? rule.all;
    } catch (error) {
      // Too much is fetched rather than too little.
      onError(error, `The rule of channel "${event.channel}" failed`);
      return rule.all;
    }
  }

  function matching(filters: readonly QueryFilters[]) {
    return [...new Set(filters.flatMap((filter) => cache.findAll(filter)))];
  }

  return {
    onEvent(event) {
      refetcher.mark(matching(filtersFor(event)));
    },
    onResync({ channels }) {
      const queries = channels
        ? matching(channels.flatMap((channel) => ruleOf(channel)?.all ?? []))
        : cache.getAll();
      return refetcher.markAll(queries);
    },
    dispose() {
      refetcher.dispose();
    },
  };
}
