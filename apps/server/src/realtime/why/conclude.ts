import { absence, type Facts, isConditional, isInternal, keptOut, nameOf, wasOpen } from './judge.ts';
import { pageOf, pageWords, topicWords } from './words.ts';

export interface Conclusion {
  readonly heard: 'yes' | 'no' | 'unknown';
  readonly text: string;
}

/** All the rules in one line. */
export function conclude(facts: Facts): Conclusion {
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
