import type { Cause } from '@processflow/events/react';
import { matchQuery, type Query, type QueryFilters, type QueryKey } from '@tanstack/react-query';

import type { LiveEvent } from '../../live.ts';
import { teamOfQuery } from '../team/team-queries.ts';
import type { Outcome } from './entry.ts';

/** The channels' rules, as far as they are looked at here. */
export type KnownRules = Readonly<Record<string, { readonly all: readonly QueryFilters[] }>>;

/** `task.list` and its input, of a query of the app. */
export function nameOf(queryKey: QueryKey): { name: string; input: string } {
  const [path, options] = queryKey;
  if (!Array.isArray(path)) return { name: JSON.stringify(queryKey), input: '' };
  const input =
    typeof options === 'object' && options !== null && 'input' in options
      ? JSON.stringify(options.input)
      : '';
  return { name: path.join('.'), input };
}

/** What a query that was touched is in for. */
export function outcomeOfTouched(query: Query, isHidden: boolean): Outcome {
  if (query.isStatic()) return { kind: 'untouched', why: 'It is never fetched again (staleTime: "static").' };
  if (!query.isActive()) return { kind: 'marked', why: 'Not on screen: fetched again when it is shown.' };
  if (isHidden)
    return { kind: 'marked', why: 'This tab is in the background: fetched again when it is seen.' };
  return { kind: 'waiting' };
}

/** Why a query was left alone. */
export function whyUntouched(query: Query, cause: Cause<LiveEvent>, rules: KnownRules): string {
  const { name } = nameOf(query.queryKey);
  if ('resync' in cause) {
    const channels = cause.resync.channels ?? [];
    return `The resync is of ${channels.join(', ')} only, whose rules do not name ${name}.`;
  }
  const { event } = cause;
  const rule = rules[event.channel];
  if (!rule || rule.all.length === 0) return `The rule of ${event.channel} names no query.`;
  if (!rule.all.some((filter) => matchQuery(filter, query))) {
    return `The rule of ${event.channel} does not name ${name}.`;
  }
  const team = teamOfQuery(query.queryKey);
  const eventTeam = 'team_id' in event ? event.team_id : undefined;
  if (team !== undefined && eventTeam !== undefined && team !== eventTeam) {
    return `Of another team: this is of team ${JSON.stringify(team)}, the event of team ${eventTeam}.`;
  }
  return `The rule names ${name}, but the event is about another row than this input.`;
}
