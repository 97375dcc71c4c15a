import { type ChannelDefinitions, type TopicTemplate, topicOf } from '../contract.ts';
import { EventsError } from '../error.ts';
import type { AnyChangeEvent } from '../event.ts';
import { type Access, type LoadViewers, Revocation } from './access.ts';

/** Who a stream belongs to: the topics they may hear, and when their session ends by itself. */
export interface TopicViewer {
  readonly topics: Iterable<string>;
  /** Milliseconds since 1970. Default: never. */
  readonly expiresAt?: number;
}

/** Whoever hears `to` also hears `topics`, for as long as the row is there. */
export interface Grant<Column extends string> {
  /** One of the channel's own topics, by which the viewer concerned is found: `user:{user_id}`. */
  readonly to: TopicTemplate<Column>;
  /** What the row grants, named by columns of the channel's audience: `team:{team_id}`. */
  readonly topics: readonly TopicTemplate<Column>[];
}

type Grants<Event extends AnyChangeEvent> = {
  readonly [Channel in Event['channel']]?: Grant<keyof Extract<Event, { channel: Channel }> & string>;
};

export interface TopicAccessOptions<Key, Event extends AnyChangeEvent> {
  readonly definitions: ChannelDefinitions;
  /**
   * Reads what a viewer may hear, in one snapshot of the database; undefined when nobody is signed in there. When it
   * rejects, that viewer waits, is read again, and holds up nobody else.
   */
  readonly viewer: (key: Key) => Promise<TopicViewer | undefined>;
  /** Which channels' rows grant topics; without them a viewer's topics stay as they were when the stream began. */
  readonly grants?: Grants<Event>;
}

export interface HeldTopics {
  readonly topics: ReadonlySet<string>;
  readonly expiresAt: number;
}

type ReadGrant = (event: AnyChangeEvent) => { to: string | undefined; topics: string[] };

/**
 * The simple way to say who hears what: a viewer is a set of topics, and rows grant and withdraw topics. Its result
 * goes into `createHub`; applications with finer rules write an {@link Access} of their own.
 * Throws {@link EventsError} `bad-definition` for a grant that its channel's audience cannot carry out.
 *
 * @example
 * const hub = createHub({
 *   definitions: channels,
 *   onError: console.error,
 *   ...topicAccess<string, AppEvent>({
 *     definitions: channels,
 *     viewer: async (userId) => ({ topics: [`user:${userId}`, ...(await topicsOfTeams(userId))] }),
 *     grants: { member_changes: { to: 'user:{user_id}', topics: ['team:{team_id}'] } },
 *   }),
 * });
 */
export function topicAccess<Key, Event extends AnyChangeEvent>(
  options: TopicAccessOptions<Key, Event>,
): { access: Access<HeldTopics, Event>; load: LoadViewers<Key, HeldTopics> } {
  const grants = new Map<string, ReadGrant>(
    Object.entries<Grant<string> | undefined>(options.grants ?? {}).flatMap(([channel, grant]) =>
      grant === undefined ? [] : [[channel, readGrant(channel, grant, options.definitions)]],
    ),
  );

  /** What the event's row grants this viewer, if it speaks of them. */
  function granted(viewer: HeldTopics, event: Event): string[] {
    const grant = grants.get(event.channel)?.(event);
    return grant?.to !== undefined && viewer.topics.has(grant.to) ? grant.topics : [];
  }

  async function read(key: Key): Promise<HeldTopics | Revocation> {
    const viewer = await options.viewer(key);
    if (viewer === undefined) return new Revocation('UNAUTHORIZED', 'Sign in to hear what changes.');
    return { topics: new Set(viewer.topics), expiresAt: viewer.expiresAt ?? Infinity };
  }

  return {
    access: {
      channels: new Set(grants.keys()),
      topics: (viewer) => viewer.topics,
      expiresAt: (viewer) => viewer.expiresAt,
      concerns(viewer, event) {
        const to = grants.get(event.channel)?.(event).to;
        return to !== undefined && viewer.topics.has(to);
      },
      narrow(viewer, event) {
        const lost = event.operation === 'DELETE' ? granted(viewer, event) : [];
        if (!lost.some((topic) => viewer.topics.has(topic))) return viewer;
        return { ...viewer, topics: viewer.topics.difference(new Set(lost)) };
      },
      widen(viewer, event) {
        const topics = granted(viewer, event);
        if (event.operation === 'UPDATE' || topics.length === 0) return viewer;
        // Another row may still grant what this one did.
        if (event.operation === 'DELETE') return 'reload';
        if (topics.every((topic) => viewer.topics.has(topic))) return viewer;
        return { ...viewer, topics: viewer.topics.union(new Set(topics)) };
      },
    },
    async load(keys) {
      const outcomes = await Promise.allSettled(keys.map(read));
      // One viewer that cannot be read holds up none of the others.
      return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : failure(outcome)));
    },
  };
}

function failure({ reason }: PromiseRejectedResult): Error {
  return reason instanceof Error ? reason : new Error(`A viewer could not be read: ${String(reason)}`);
}

/** A change of any column that a grant names must arrive as a row gone and a row new: the audience does that. */
function readGrant(channel: string, grant: Grant<string>, definitions: ChannelDefinitions): ReadGrant {
  const audience = definitions[channel]?.audience ?? [];
  const columns = new Set(audience.map(columnOf));
  const wrong = grant.topics.find((topic) => !columns.has(columnOf(topic)));
  if (!audience.includes(grant.to) || wrong !== undefined) {
    throw new EventsError(
      'bad-definition',
      `The grant of channel "${channel}" cannot be kept: ` +
        (wrong === undefined
          ? `its "to" (${grant.to}) is none of the channel's topics (${audience.join(', ')}).`
          : `"${wrong}" names a column that stands in none of the channel's topics (${audience.join(', ')}). Add a topic with it to the audience.`),
    );
  }
  const to = topicOf(grant.to);
  const topics = grant.topics.map(topicOf);
  return (event) => ({
    to: to(event),
    topics: topics.map((topic) => topic(event)).filter((topic) => topic !== undefined),
  });
}

function columnOf(template: string): string | undefined {
  return /\{([^}]*)\}/.exec(template)?.[1];
}
