import { channels } from '@processflow/db';
import type { ChannelDefinition } from '@processflow/events';

import type { PastStanding, Standing } from './as-it-was.ts';
import type { LoggedEvent } from './logged-event.ts';
import type { AskedPerson } from './person.ts';
import type { Presence } from './presence.ts';
import { durationWords, pageOf, timeWords } from './words.ts';

/** All that is known of an event and a person. */
export interface Facts {
  readonly logged: LoggedEvent;
  readonly person: AskedPerson;
  readonly past: PastStanding;
  readonly now: Standing;
  /** What they could hear then, by the log's order. */
  readonly heardThen: ReadonlySet<string>;
  /** The same, had what was written while the event was been committed on the other side of it. */
  readonly heardOtherwise: ReadonlySet<string>;
  readonly heardNow: ReadonlySet<string>;
  /** When they joined last before or first after the event, and left likewise, as far as the log tells. */
  readonly joined: Date | undefined;
  readonly left: Date | undefined;
  readonly roleNames: ReadonlyMap<number, string>;
  /** Of members alone: how somebody else signs in is not the team's. */
  readonly presence: Presence | undefined;
}

export function nameOf(person: AskedPerson): string {
  return person.kind === 'member' ? person.name : person.email;
}

export function isInternal({ logged }: Facts): boolean {
  const definition: ChannelDefinition = channels[logged.event.channel];
  return definition.internal === true;
}

/** An address that no member has now: whether an account has verified it is nobody's business. */
export function isConditional({ person }: Facts, topic: string): boolean {
  return person.kind !== 'member' && topic === `email:${person.email}`;
}

/** Null: the log does not tell. */
export function wasOpen(facts: Facts, topic: string): boolean | null {
  const { past, heardThen, heardOtherwise } = facts;
  if (isConditional(facts, topic)) return null;
  if (heardThen.has(topic) !== heardOtherwise.has(topic)) return null;
  if (heardThen.has(topic)) return true;
  const unknown = new Set(past.unknown.map(({ about }) => about));
  if (topic.startsWith('email:')) return unknown.has('address') ? null : false;
  if (topic.startsWith('team:') && unknown.has('members')) return null;
  const mayHaveOpened = past.membership !== undefined && pageOf(topic) !== undefined && unknown.has('pages');
  return mayHaveOpened ? null : false;
}

/** Why somebody was no member, as far as the log tells. */
export function absence(at: Date, joined: Date | undefined, left: Date | undefined): string | undefined {
  if (joined !== undefined && joined >= at) {
    return `joined the team ${durationWords(joined.getTime() - at.getTime())} later, at ${timeWords(joined)}`;
  }
  if (left !== undefined && left <= at) {
    return `had left the team ${durationWords(at.getTime() - left.getTime())} before, at ${timeWords(left)}`;
  }
  return undefined;
}

/** What an open stream has not asked for, of what the event needs. */
export function keptOut(
  { logged }: Facts,
  { channels: named, topics }: Presence['streams'][number],
): string | undefined {
  if (named !== undefined && !named.has(logged.event.channel)) {
    return `, but asked for ${[...named].join(', ')} alone`;
  }
  if (!logged.topics.some((topic) => topics.includes(topic))) return ', but hears none of what it went to';
  return undefined;
}
