import type { Query, QueryClient, QueryFilters, QueryKey } from '@tanstack/react-query';
import type { Resync } from './listeners.ts';
import { createRefetcher } from './refetcher.ts';
import { finalCodeOf, type ChannelEvent } from './source.ts';
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

/**
 * Query keys as filters: each matches the queries whose key begins with it.
 *
 * @example
 * const rule = { all: keys(['roles'], ['members']) };
 */
export function keys(...queryKeys: readonly QueryKey[]): readonly QueryFilters[] {
  return queryKeys.map((queryKey) => ({ queryKey }));
}

/**
 * The rule of a channel that no query depends on.
 *
 * @example
 * const rules: Rules<AppEvent> = { role_changes: { all: keys(['roles']) }, member_changes: nothing };
 */
export const nothing: { readonly all: readonly QueryFilters[] } = { all: [] };

/** Why queries are touched. */
export type Cause<Event> = { readonly event: Event } | { readonly resync: Partial<Resync> };

export interface InvalidatorOptions<Event extends ChannelEvent> {
  readonly rules: Rules<Event>;
  /** The shortest time between two fetches of one query that events cause. Default: 250 ms. */
  readonly throttleMs?: number;
  /**
   * Told of every event and resync with the queries it touches, before these are marked: for showing what happens.
   * The others of the cache are not touched.
   */
  readonly onTouched?: (cause: Cause<Event>, queries: readonly Query[]) => void;
  readonly now?: Now;
  readonly schedule?: Schedule;
  readonly surroundings?: Surroundings;
  readonly onError?: Report;
}

/** Keeps React Query's caches true under events. It is a listener: `store.addListener(invalidator)`. */
export interface Invalidator<Event extends ChannelEvent> {
  onEvent(event: Event): void;
  /** Settles when everything on screen was fetched again. */
  onResync(resync: Partial<Resync>): Promise<void>;
  /** The connection is back: what could not be fetched without it is fetched again, and nothing else. */
  onResumed(): void;
  /** Stops watching the query cache. */
  dispose(): void;
}

/**
 * Makes an invalidator: queries on screen are fetched again (the first event at once, then throttled per query,
 * one fetch in flight, none missed), others are marked stale, and in a hidden tab all are only marked.
 *
 * @example
 * const invalidator = createInvalidator<AppEvent>(queryClient, {
 *   rules: {
 *     role_changes: { all: keys(['roles']), event: (event) => keys(['roles', event.team_id]) },
 *     member_changes: { all: keys(['members']) },
 *   },
 * });
 */
export function createInvalidator<Event extends ChannelEvent>(
  queryClient: QueryClient,
  options: InvalidatorOptions<Event>,
): Invalidator<Event> {
  const {
    rules,
    throttleMs = 250,
    onTouched,
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

  /** Whoever looks on must not keep the queries from being marked. */
  function told(cause: Cause<Event>, queries: readonly Query[]) {
    try {
      onTouched?.(cause, queries);
    } catch (error) {
      onError(error, 'onTouched failed');
    }
    return queries;
  }

  return {
    onEvent(event) {
      refetcher.mark(told({ event }, matching(filtersFor(event))));
    },
    onResync(resync) {
      const { channels } = resync;
      const queries = channels
        ? matching(channels.flatMap((channel) => ruleOf(channel)?.all ?? []))
        : cache.getAll();
      return refetcher.markAll(told({ resync }, queries));
    },
    onResumed() {
      const failed = ({ state }: Query) => state.error !== null && finalCodeOf(state.error) === undefined;
      refetcher.mark(cache.getAll().filter(failed));
    },
    dispose: refetcher.dispose,
  };
}
