import { randomUUID } from 'node:crypto';

import type { Batch, BatchSink, BatchSource, GapReason, Replay } from '../batch.ts';
import { type ChannelDefinitions, createAudience } from '../contract.ts';
import type { Contract } from '../contract-version.ts';
import { EventsError } from '../error.ts';
import type {
  AnyChangeEvent,
  Announcement,
  ResyncEvent,
  ResyncReason,
  StreamEvent,
  StreamGreeting,
} from '../event.ts';
import { type Access, type LoadViewers, Revocation } from './access.ts';
import { createHubMetrics, type HubMetrics } from './hub-metrics.ts';
import { Delivery } from './delivery.ts';
import { Outbox, type Routed } from './outbox.ts';
import { createRefetchTurns } from './refetch-turns.ts';
import { Ring } from './ring.ts';
import { scheduleTimer } from './schedule-timer.ts';
import { type Frame, FrameQueue, type Selection } from './subscriber.ts';
import { type Missed, type Subscription, Subscriptions } from './subscription.ts';
import { createWorkTurns } from './work-turns.ts';

export interface HubOptions<Key, Viewer, Event extends AnyChangeEvent> {
  readonly definitions: ChannelDefinitions;
  readonly access: Access<Viewer, Event>;
  readonly load: LoadViewers<Key, Viewer>;
  readonly onError: (error: unknown) => void;
  /** Told on every stream's first frame, so that a page from before a deploy learns of it; see `contractOf`. */
  readonly contract?: Contract | undefined;
  /** Frames a subscriber may leave unread, or be sent at once when it resumes, before they become one `resync`. */
  readonly queueLimit?: number;
  /** Events, and batches, kept in memory for streams that come back soon. Default: 5,000. */
  readonly ringLimit?: number;
  /** How many streams a second may refetch when many start over at once: each is told when. Default: 200. */
  readonly refetchRate?: number;
  readonly now?: () => number;
  readonly schedule?: (run: () => void, milliseconds: number) => () => void;
}

export interface SubscribeOptions<Key> extends Selection {
  readonly key: Key;
  /** The position the subscriber has: what came after it follows, or a `resync` when that cannot be told. */
  readonly lastEventId?: string | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One open stream, as others may ask about it. */
export interface OpenStream<Key> {
  readonly key: Key;
  /** When it was opened, in milliseconds since 1970. */
  readonly since: number;
  /** The channels it is narrowed to; undefined: all. */
  readonly channels: ReadonlySet<string> | undefined;
  /** What it hears now: its viewer's topics, narrowed to those it asked for. */
  readonly topics: readonly string[];
}

/** `Heard`: those of the events that viewers may hear, when there are internal channels besides. */
export interface Hub<Key, Event extends AnyChangeEvent, Heard extends Event = Event> extends BatchSink {
  readonly subscriberCount: number;
  /** How many topics somebody hears. */
  readonly topicCount: number;
  readonly metrics: HubMetrics;
  /** The streams that are open in this process. */
  streams(): OpenStream<Key>[];
  /** Opens a stream. Rejects with {@link Revocation} when the viewer may not hear what it requires. */
  subscribe(options: SubscribeOptions<Key>): Promise<AsyncIterableIterator<Frame<Heard>>>;
}

const QUEUE_LIMIT = 1_000;
const RING_LIMIT = 5_000;
const REFETCH_RATE = 200;
const SECOND = 1_000;
/** Every stream is told the head at least this often, so that its position does not age and its silence means something. */
const POSITION_EVERY = 25 * SECOND;
/** What it is to tell one, as so many announcements that are looked at: five hundred are told in a turn. */
const POSITION_WORK = 20;

/**
 * Routes change events to the subscribers that may hear them: topic -> subscribers. It takes batches in, of the log or
 * of whatever else feeds it. Who may hear what is decided here and now: in a batch, what takes access away counts
 * before its events are delivered, and what gives it after. A stream that comes back with its position hears what it
 * has missed, as far as its viewer could hear that all the time and still can; otherwise it is told to start over. Every
 * 25 s a stream is told its position and how many frames it was sent (`sent`), so that who lost some notices.
 * What fails while it routes is told to `onError`, and no call of `take` or `gap` throws: `load` is tried again, a
 * subscriber on whose account a function of `access` or its selection throws ends with a {@link Revocation}, and after
 * an {@link EventsError} `bad-batch` everybody starts over.
 *
 * @example
 * const hub = createHub({ definitions: channels, access, load, contract, onError: console.error });
 * for await (const { id, data } of await hub.subscribe({ key: userId })) console.log(id, data.channel);
 */
export function createHub<Key, Viewer, Event extends AnyChangeEvent, Heard extends Event = Event>(
  options: HubOptions<Key, Viewer, Event>,
): Hub<Key, Event, Heard> {
  type Sub = Subscription<Key, Viewer, Event>;
  const { access, definitions, onError } = options;
  const { now = Date.now, schedule = scheduleTimer, queueLimit = QUEUE_LIMIT } = options;
  const audience = remember(createAudience(definitions));
  const ring = new Ring(options.ringLimit ?? RING_LIMIT);
  const metrics = createHubMetrics();
  const nextRefetch = createRefetchTurns(options.refetchRate ?? REFETCH_RATE, now);
  const turns = createWorkTurns(schedule);
  let source: BatchSource | undefined;
  let head = randomUUID().slice(0, 8);
  let cancelPositions: (() => void) | undefined;

  const subs = new Subscriptions<Key, Viewer, Event>({
    audience,
    access,
    load: options.load,
    onError,
    now,
    schedule,
    catchUp,
    onSettled: (sub, missed) => {
      if (sub.opening !== undefined && sub.opening.isAside !== true) begin(sub, sub.opening.position, missed);
    },
  });

  const isInternal = (channel: string): boolean => definitions[channel]?.internal === true;
  const hearsChannel = (sub: Sub, channel: string): boolean =>
    !isInternal(channel) && (sub.channels?.has(channel) ?? true);

  const wants = (sub: Sub, topic: string): boolean => sub.selection.topics?.(topic) ?? true;

  function push(sub: Sub, delivery: Delivery<Event>): void {
    // Who is set aside is told all of it later.
    if (!subs.all.has(sub) || sub.opening !== undefined) return;
    metrics.deliveries += delivery.frames.length;
    sub.queue.push(delivery);
  }

  function tell(sub: Sub, data: StreamEvent<Event>): void {
    push(sub, new Delivery([{ id: head, data }]));
  }

  /** A stream whose client reads too slowly holds up nobody: it goes on from where it stopped, as if it came back. */
  function setAside(sub: Sub, isBehind: boolean): void {
    if (isBehind) {
      if (sub.opening !== undefined) return;
      metrics.setAside += 1;
      sub.opening = { position: sub.queue.position, isAside: true };
    } else if (sub.opening?.isAside === true) {
      const opening = { position: sub.opening.position };
      sub.opening = opening;
      // Where its viewer is being read anyway, it begins with that: of a stream only the last question counts.
      if (sub.heardWhileLoading !== undefined) return;
      catchUp(sub, (missed) => {
        if (!subs.all.has(sub) || sub.opening !== opening || sub.viewer === undefined) return;
        subs.guard(sub, () => begin(sub, opening.position, missed));
      });
    }
  }

  /** For one stream, which is told at once: it is counted, and given its turn. */
  function resync(reason: ResyncReason, extra: Partial<ResyncEvent> = {}): ResyncEvent {
    const spread = nextRefetch();
    metrics.resyncs += 1;
    return { channel: 'resync', reason, ...(spread !== undefined && { spread }), ...extra };
  }

  const truncated = (channel: string): ResyncEvent => resync('truncated-table', { channels: [channel] });

  /** One read of the log for all who ask; of what the ring has, none is asked for. */
  function catchUp(sub: Sub, then: (missed: Missed) => void): void {
    const read = (asked: string | undefined, answer: (missed: Replay) => void): void => {
      // Of a stream whose viewer is read anew only the last question counts.
      sub.withdraw?.();
      sub.withdraw = undefined;
      if (source !== undefined) sub.withdraw = source.read(asked, answer);
      else if (asked === undefined) answer({ kind: 'events', to: head, announcements: [] });
      else answer({ kind: 'lost', to: head, reason: 'unknown-position' });
    };
    const position = sub.opening?.position;
    if (position === undefined) return read(undefined, () => then(undefined));
    const near = ring.has(position, head);
    read(near ? undefined : position, (answer) => {
      const missed: Replay = near ? { kind: 'events', to: position, announcements: [] } : answer;
      if (missed.kind === 'lost') return then(missed);
      turns.add(() => {
        // Also what the hub was told before it was this stream's turn.
        const rest = ring.after(missed.to, head);
        if (rest === undefined) {
          catchUp(sub, then);
          return 0;
        }
        if (near) metrics.resumedFromRing += 1;
        const announcements = missed.announcements.concat(rest);
        then({ kind: 'events', to: head, announcements });
        return announcements.length;
      });
    });
  }

  /** The first frame, and what was missed. */
  function begin(sub: Sub, position: string | undefined, missed: Missed): void {
    sub.opening = undefined;
    const greeting: StreamGreeting = {
      ...(options.contract && { contract: options.contract }),
      now: now(),
    };
    if (position === undefined || missed === undefined) {
      return tell(sub, { channel: 'position', ...greeting });
    }
    const heard = missed.kind === 'lost' ? missed.reason : replay(sub, missed.announcements);
    if (typeof heard === 'string') {
      metrics.resumedInVain += 1;
      return tell(sub, resync(heard, greeting));
    }
    metrics.resumed += 1;
    const events = heard.map((one) =>
      one.kind === 'change' ? (one.event as Event) : truncated(one.channel),
    );
    const first = { channel: 'position', ...greeting } as const;
    push(sub, Delivery.ofBatch<Event>([first, ...events], position, head));
  }

  /** What the viewer, as they are now, has missed; or why the stream has to start over. */
  function replay(sub: Sub, announcements: readonly Announcement[]): Announcement[] | ResyncReason {
    const heard: Announcement[] = [];
    for (const announcement of announcements) {
      const change = announcement.kind === 'change' ? (announcement.event as Event) : undefined;
      const channel = change?.channel ?? (announcement as { channel: string }).channel;
      if (access.channels.has(channel)) {
        if (change === undefined) return 'truncated-table';
        const addressed = audience(change).some((topic) => subs.index.has(sub, topic));
        const concerns = addressed && (access.concerns?.(sub.viewer as Viewer, change) ?? true);
        if (concerns) return 'access-widened';
      }
      if (!hearsChannel(sub, channel)) continue;
      if (change !== undefined && !subs.mayHear(sub, change)) continue;
      if (heard.push(announcement) >= queueLimit) return 'too-far-behind';
    }
    return heard;
  }

  function narrow(sub: Sub, event: Event): void {
    if (sub.viewer === undefined) return;
    const narrowed = access.narrow(sub.viewer, event);
    if (narrowed instanceof Revocation) sub.queue.end(narrowed);
    else subs.setViewer(sub, narrowed);
  }

  /** What a viewer gains may have spoken before they could hear it: hence the resync, once it is heard. */
  function widen(sub: Sub, event: Event, say: (sub: Sub, data: StreamEvent<Event>) => void): void {
    narrow(sub, event);
    if (!subs.all.has(sub) || sub.viewer === undefined) return;
    const before = subs.index.topicsOf(sub);
    const tellGains = (told: typeof say): void => {
      const gained = [...subs.index.topicsOf(sub)].some((topic) => !before.has(topic) && wants(sub, topic));
      if (gained) told(sub, resync('access-widened'));
    };
    const widened = access.widen(sub.viewer, event);
    if (widened === 'reload') {
      subs.reload(sub);
      sub.whenSettled.push(() => tellGains(tell));
    } else {
      subs.setViewer(sub, widened);
      tellGains(say);
    }
  }

  function deliver(batch: Batch): void {
    const changes: Routed<Event>[] = [];
    const truncatedChannels: string[] = [];
    for (const one of batch.announcements) {
      if (one.kind === 'resync') truncatedChannels.push(one.channel);
      else changes.push({ event: one.event as Event, topics: audience(one.event) });
    }
    const ofAccess = changes.filter(({ event }) => access.channels.has(event.channel));
    /** Those from whom something was taken by an event that they do not hear themselves. */
    const untold = new Set<Sub>();
    for (const { event, topics } of ofAccess) {
      subs.note(event);
      for (const sub of subs.index.find(topics)) {
        subs.guard(sub, () => {
          const before = [...subs.index.topicsOf(sub)];
          narrow(sub, event);
          const isTaken = before.some((topic) => !subs.index.has(sub, topic) && wants(sub, topic));
          if (isTaken && isInternal(event.channel)) untold.add(sub);
        });
      }
    }
    const heard = changes.filter(({ event }) => !isInternal(event.channel));
    const outbox = new Outbox<Sub, Event>(batch.from, batch.to, heard);
    for (const topic of outbox.topics) {
      for (const sub of subs.index.of(topic)) {
        if (sub.selection.topics === undefined) outbox.share(sub, topic);
        else subs.guard(sub, () => wants(sub, topic) && outbox.share(sub, topic));
      }
    }
    for (const channel of truncatedChannels) tellResync(outbox, channel);
    const say = (sub: Sub, data: StreamEvent<Event>): void => {
      untold.delete(sub);
      outbox.add(sub, data);
    };
    for (const { event, topics } of ofAccess) {
      for (const sub of subs.index.find(topics)) {
        subs.guard(sub, () => widen(sub, event, say));
      }
    }
    for (const sub of untold) say(sub, resync('access-widened'));
    outbox.send(push);
  }

  function tellResync(outbox: Outbox<Sub, Event>, channel: string): void {
    for (const sub of subs.all) {
      if (sub.viewer === undefined || sub.opening !== undefined || !hearsChannel(sub, channel)) continue;
      outbox.add(sub, truncated(channel));
    }
  }

  function resyncAll(reason: ResyncReason): void {
    for (const sub of subs.all) {
      const isTold = sub.opening === undefined && sub.viewer !== undefined;
      subs.suspend(sub);
      if (isTold) sub.whenSettled.push(() => tell(sub, resync(reason)));
    }
  }

  function gap(to: string, reason: GapReason): void {
    head = to;
    ring.clear();
    resyncAll(reason);
  }

  function tellPositions(): void {
    cancelPositions = schedule(tellPositions, POSITION_EVERY);
    for (const sub of subs.all) {
      turns.add(() => {
        // Whoever has frames to read learns the head from these; to all others it can be said how many they were sent.
        if (sub.opening === undefined && sub.viewer !== undefined && sub.queue.length === 0) {
          tell(sub, { channel: 'position', sent: sub.queue.sent });
        }
        return POSITION_WORK;
      });
    }
  }

  return {
    get subscriberCount() {
      return subs.all.size;
    },
    get topicCount() {
      return subs.index.size;
    },
    metrics,
    streams: () =>
      [...subs.all].map((sub) => ({
        key: sub.key,
        since: sub.since,
        channels: sub.channels,
        topics: [...subs.index.topicsOf(sub)].filter((topic) => wants(sub, topic)),
      })),
    attach(next, begins) {
      source = next;
      if (subs.all.size === 0) head = begins;
      else gap(begins, 'gap');
    },
    take(batch) {
      if (batch.from !== head) {
        onError(outOfOrder(batch.from, head));
        return gap(batch.to, 'gap');
      }
      head = batch.to;
      ring.push(batch);
      metrics.batches += 1;
      metrics.events += batch.announcements.length;
      const whole = batch.announcements.find(
        (one) => one.kind === 'resync' && access.channels.has(one.channel),
      );
      if (whole === undefined) deliver(batch);
      else resyncAll('truncated-table');
    },
    gap,
    async subscribe({ key, lastEventId, signal, ...selection }) {
      signal?.throwIfAborted();
      const channels = selection.channels && new Set(selection.channels);
      const sub: Sub = {
        key,
        selection,
        channels,
        channelNames: [...(channels ?? [])].toSorted().join(),
        queue: new FrameQueue<Event>(
          queueLimit,
          (greeting) => resync('too-slow', greeting),
          () => {
            signal?.removeEventListener('abort', onAbort);
            subs.remove(sub);
            if (subs.all.size > 0) return;
            cancelPositions?.();
            cancelPositions = undefined;
          },
          (isBehind) => setAside(sub, isBehind),
        ),
        since: now(),
        opening: { position: lastEventId ?? undefined },
        viewer: undefined,
        heardWhileLoading: undefined,
        generation: 0,
        whenSettled: [],
        cancelExpiry: undefined,
        withdraw: undefined,
      };
      const onAbort = (): void => sub.queue.end();
      signal?.addEventListener('abort', onAbort, { once: true });
      // Joined first, read after: no event falls between the two.
      subs.all.add(sub);
      cancelPositions ??= schedule(tellPositions, POSITION_EVERY);
      subs.reload(sub);
      // Internal channels are never delivered, which the types cannot see.
      return sub.queue as AsyncIterableIterator<Frame<Event>> as AsyncIterableIterator<Frame<Heard>>;
    },
  };
}

/** Thousands who missed the same events ask for the topics of each: they are made once. */
function remember(audience: (event: AnyChangeEvent) => readonly string[]): typeof audience {
  const known = new WeakMap<AnyChangeEvent, readonly string[]>();
  return (event) => {
    let topics = known.get(event);
    if (topics === undefined) known.set(event, (topics = audience(event)));
    return topics;
  };
}

function outOfOrder(from: string, head: string): EventsError {
  return new EventsError(
    'bad-batch',
    `A batch that begins at "${from}" came where the hub's head is "${head}": everybody starts over. Give "take" batches each of which begins where the one before ended, or call "gap".`,
  );
}
