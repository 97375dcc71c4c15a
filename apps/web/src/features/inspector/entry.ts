import type { Cause } from '@processflow/events/react';

import type { LiveEvent } from '../../live.ts';

export type Outcome =
  /** Fetched again as soon as it is its turn. */
  | { readonly kind: 'waiting' }
  /** `ms` after the event was heard, what was fetched was on the screen. */
  | { readonly kind: 'fetched'; readonly ms: number }
  | { readonly kind: 'failed'; readonly why: string }
  /** Fetched when somebody looks at it. */
  | { readonly kind: 'marked'; readonly why: string }
  | { readonly kind: 'untouched'; readonly why: string };

/** What became of one query of the cache. */
export interface Verdict {
  readonly hash: string;
  /** `task.list`. */
  readonly name: string;
  /** Its input as JSON; empty when it has none. */
  readonly input: string;
  readonly outcome: Outcome;
}

/** An event or a resync as it came, and what it did. */
export interface Entry {
  /** Its place among all that came since the inspector was opened. */
  readonly number: number;
  readonly cause: Cause<LiveEvent>;
  /** By this device's clock, in milliseconds since 1970. */
  readonly heardAt: number;
  /** About how old it was then, in milliseconds; null for a resync. */
  readonly age: number | null;
  readonly verdicts: readonly Verdict[];
}

/** The channel, or `resync`. */
export function channelOf({ cause }: Entry): LiveEvent['channel'] | 'resync' {
  return 'event' in cause ? cause.event.channel : 'resync';
}

/** What came, as it can be copied and searched. */
export function jsonOf({ cause }: Entry): object {
  return 'event' in cause ? cause.event : { channel: 'resync', ...cause.resync };
}

/** How long after its commit all that it changed was on the screen, in milliseconds; null while something is missing. */
export function shownAfter({ age, verdicts }: Entry): number | null {
  let last: number | null = null;
  for (const { outcome } of verdicts) {
    if (outcome.kind === 'waiting') return null;
    if (outcome.kind === 'fetched') last = Math.max(last ?? 0, outcome.ms);
  }
  return age === null || last === null ? null : age + last;
}

/** How many of the queries it touched. */
export function touchedBy({ verdicts }: Entry): number {
  return verdicts.filter(({ outcome }) => outcome.kind !== 'untouched').length;
}
