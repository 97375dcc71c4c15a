import { channels } from '@processflow/db';
import type { ChannelDefinition } from '@processflow/events';

import type { PastStanding, Standing } from './as-it-was.ts';
import type { LoggedEvent } from './logged-event.ts';
import type { AskedPerson } from './person.ts';
import type { Presence } from './presence.ts';
import { durationWords, pageOf, pageWords, timeWords, topicWords } from './words.ts';

/** One of the rules that decide who hears an event. */
export interface Rule {
  /** Whether it lets the person hear the event; null: that cannot be told. */
  readonly holds: boolean | null;
  readonly text: string;
}

export interface Conclusion {
  readonly heard: 'yes' | 'no' | 'unknown';
  readonly text: string;
}

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

export function explain(facts: Facts): { rules: Rule[]; conclusion: Conclusion } {
  return {
    rules: [...aboutEvent(facts), ...aboutMembership(facts), ...aboutTopics(facts), ...aboutPresence(facts)],
    conclusion: conclude(facts),
  };
}

export function nameOf(person: AskedPerson): string {
  return person.kind === 'member' ? person.name : person.email;
}

function isInternal({ logged }: Facts): boolean {
  const definition: ChannelDefinition = channels[logged.event.channel];
  return definition.internal === true;
}

/** An address that no member has now: whether an account has verified it is nobody's business. */
function isConditional({ person }: Facts, topic: string): boolean {
  return person.kind !== 'member' && topic === `email:${person.email}`;
}

/** Null: the log does not tell. */
function wasOpen(facts: Facts, topic: string): boolean | null {
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

function aboutEvent(facts: Facts): Rule[] {
  const { event, at, topics } = facts.logged;
  return [
    {
      holds: true,
      text: `The event is in the log: ${event.channel}, ${event.operation}, written at ${timeWords(at)}.`,
    },
    {
      holds: !isInternal(facts),
      text: isInternal(facts)
        ? `${event.channel} is internal: only servers hear it.`
        : `${event.channel} is a channel that people hear.`,
    },
    {
      holds: true,
      text: `It went to ${topics.map((topic) => `${topic} (${topicWords(topic)})`).join(' and ')}.`,
    },
  ];
}

function aboutMembership(facts: Facts): Rule[] {
  const { person, past, now, joined, left, logged } = facts;
  const name = nameOf(person);
  const isUnsure = past.unknown.some(({ about }) => about === 'members');
  const when =
    past.membership !== undefined
      ? `was ${past.membership.isOwner ? 'an owner' : 'a member'} of the team when it was written`
      : (absence(logged.at, joined, left) ?? 'was not a member of the team when it was written');
  return [
    { holds: isUnsure ? null : past.membership !== undefined, text: `${name} ${when}.` },
    {
      holds: now.membership !== undefined,
      text: `${name} ${now.membership === undefined ? 'is no member of it now' : `is ${now.membership.isOwner ? 'an owner' : 'a member'} of it now`}.`,
    },
    ...past.unknown.map(({ text }): Rule => ({ holds: null, text })),
  ];
}

/** Why somebody was no member, as far as the log tells. */
function absence(at: Date, joined: Date | undefined, left: Date | undefined): string | undefined {
  if (joined !== undefined && joined >= at) {
    return `joined the team ${durationWords(joined.getTime() - at.getTime())} later, at ${timeWords(joined)}`;
  }
  if (left !== undefined && left <= at) {
    return `had left the team ${durationWords(at.getTime() - left.getTime())} before, at ${timeWords(left)}`;
  }
  return undefined;
}

function aboutTopics(facts: Facts): Rule[] {
  const { logged, person, heardThen, heardOtherwise, heardNow } = facts;
  const name = nameOf(person);
  return logged.topics.map((topic): Rule => {
    const then = wasOpen(facts, topic);
    if (isConditional(facts, topic)) {
      const text = `${topic} is heard by whoever has verified this address; whether anybody has is not told of people outside the team.`;
      return { holds: null, text };
    }
    const now = heardNow.has(topic) ? 'it is now' : 'nor is it now';
    if (heardThen.has(topic) !== heardOtherwise.has(topic)) {
      const text = `Whether ${topic} was open to ${name} then cannot be told: that changed in a transaction that was open at the same time. ${heardNow.has(topic) ? 'It is open now' : 'It is not open now'}.`;
      return { holds: null, text };
    }
    if (then === null)
      return { holds: null, text: `Whether ${topic} was open to ${name} then cannot be told.` };
    if (!then) return { holds: false, text: `${topic} was not open to ${name} then; ${now}.` };
    const still = heardNow.has(topic) ? 'it still is' : 'it no longer is';
    return { holds: true, text: `${topic} was open to ${name} then${through(facts, topic)}; ${still}.` };
  });
}

/** What opened a page. */
function through({ past, roleNames }: Facts, topic: string): string {
  const page = pageOf(topic);
  if (page === undefined || past.membership === undefined) return '';
  if (past.membership.isOwner) return ', as to every owner';
  const opening = [...past.membership.roles].filter(([, pages]) => pages.includes(page));
  const names = opening.map(([id]) => `"${roleNames.get(id) ?? id}"`);
  return `, by the role${names.length === 1 ? '' : 's'} ${names.join(' and ')}`;
}

function aboutPresence(facts: Facts): Rule[] {
  const { presence, person, logged } = facts;
  if (presence === undefined) return [];
  const name = nameOf(person);
  const { wasSignedIn, streams } = presence;
  const signedIn =
    wasSignedIn === null
      ? `Whether ${name} was signed in then, the log does not tell`
      : `${name} ${wasSignedIn ? 'was' : 'was not'} signed in then`;
  const rules: Rule[] = [{ holds: wasSignedIn, text: `${signedIn}.` }];
  if (streams.length === 0) {
    const text = `${name} has no page or program open on this server now; what was open then, and what other servers have open, is not known here.`;
    return [...rules, { holds: null, text }];
  }
  return [
    ...rules,
    ...streams.map((stream): Rule => {
      const since = new Date(stream.since);
      const open = `A page or program of ${name}'s is open on this server since ${timeWords(since)}`;
      if (since > logged.at) {
        const text = `${open}, ${durationWords(since.getTime() - logged.at.getTime())} after the event: what came before, it was sent only if it came back with a position.`;
        return { holds: null, text };
      }
      const kept = keptOut(facts, stream);
      return {
        holds: kept === undefined,
        text: `${open}, before the event${kept ?? ', and hears all it goes to'}.`,
      };
    }),
  ];
}

/** What an open stream has not asked for, of what the event needs. */
function keptOut(
  { logged }: Facts,
  { channels: named, topics }: Presence['streams'][number],
): string | undefined {
  if (named !== undefined && !named.has(logged.event.channel)) {
    return `, but asked for ${[...named].join(', ')} alone`;
  }
  if (!logged.topics.some((topic) => topics.includes(topic))) return ', but hears none of what it went to';
  return undefined;
}

function conclude(facts: Facts): Conclusion {
  const { logged, person, presence, now, heardNow } = facts;
  const name = nameOf(person);
  const no = (why: string): Conclusion => ({ heard: 'no', text: `${name} did not hear it: ${why}.` });
  const unknown = (text: string): Conclusion => ({ heard: 'unknown', text });
  if (isInternal(facts)) return no('nobody does, its channel is internal');

  const open = logged.topics.map((topic) => wasOpen(facts, topic));
  if (!open.includes(true)) {
    if (logged.topics.some((topic) => isConditional(facts, topic))) {
      return unknown(
        `${name} would have heard it with an account that has verified this address and a page open; otherwise not.`,
      );
    }
    if (open.includes(null)) {
      return unknown(
        `Whether ${name} could hear it cannot be told: what opened it was changed since, or just then.`,
      );
    }
    const gained = logged.topics.some((topic) => heardNow.has(topic));
    const since = gained ? '. It is open now: when that came, open pages fetched what they show anew' : '';
    return no(`${lack(facts)}${since}`);
  }
  if (presence === undefined) {
    return unknown(
      `${name} was allowed to hear it; whether they did is not told of people outside the team${now.membership === undefined ? ', and they have left it' : ''}.`,
    );
  }
  const before = presence.streams.filter(({ since }) => since <= logged.at.getTime());
  if (before.some((stream) => keptOut(facts, stream) === undefined)) {
    return {
      heard: 'yes',
      text: `${name} heard it: what has been open here since before it carries it, or, had it fallen behind, was told to fetch anew.`,
    };
  }
  if (presence.wasSignedIn === false && presence.streams.length === 0) return no('they were not signed in');
  const [narrowed] = before;
  if (narrowed !== undefined) {
    return unknown(
      `${name} was allowed to hear it, but what they have open here since then does not${keptOut(facts, narrowed)?.replace(/^, but/, ': it') ?? ''}; other pages of theirs may have.`,
    );
  }
  return unknown(
    `${name} was allowed to hear it, and did if a page of theirs was open; one that was away and came back with its position was sent it. Which were open then is not kept.`,
  );
}

/** What they were not, of what the event asks. */
function lack({ logged, person, past, joined, left }: Facts): string {
  if (person.kind === 'invited') return 'they are invited, and hear only what is meant for their own address';
  if (past.membership === undefined) {
    const why = absence(logged.at, joined, left);
    return why === undefined ? 'they were not a member of the team' : `they ${why}`;
  }
  const pages = logged.topics.flatMap((topic) => pageOf(topic) ?? []);
  if (pages.length > 0) return `none of their roles opened ${pages.map(pageWords).join(' or ')} then`;
  return `it went to ${logged.topics.map(topicWords).join(' and ')} alone`;
}
