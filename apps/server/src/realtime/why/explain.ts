import { absence, type Facts, isConditional, isInternal, keptOut, nameOf, wasOpen } from './judge.ts';
import { durationWords, pageOf, timeWords, topicWords } from './words.ts';

/** One of the rules that decide who hears an event. */
export interface Rule {
  /** Whether it lets the person hear the event; null: that cannot be told. */
  readonly holds: boolean | null;
  readonly text: string;
}

/** The rules, one by one, in the order in which an event passes them. */
export function explain(facts: Facts): Rule[] {
  return [...aboutEvent(facts), ...aboutMembership(facts), ...aboutTopics(facts), ...aboutPresence(facts)];
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
