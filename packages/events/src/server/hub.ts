import { randomUUID } from 'node:crypto';

import { type ChannelDefinitions, createAudience } from '../contract.ts';
import type { Contract } from '../contract-version.ts';
import type { AnyChangeEvent, Announcement, ResyncReason, StreamEvent } from '../event.ts';
import { type Access, type LoadViewers, Revocation } from './access.ts';
import { createLoader, type Loader } from './loader.ts';
import { type Frame, FrameQueue, type Selection } from './subscriber.ts';
import { TopicIndex } from './topic-index.ts';

export interface HubOptions<Key, Viewer, Event extends AnyChangeEvent> {
  readonly definitions: ChannelDefinitions;
  readonly access: Access<Viewer, Event>;
  readonly load: LoadViewers<Key, Viewer>;
  readonly onError: (error: unknown) => void;
  /** Told on every stream's first frame, so that a page from before a deploy learns of it; see `contractOf`. */
  readonly contract?: Contract | undefined;
  /** Frames a subscriber may leave unread before they become one `resync`. */
  readonly queueLimit?: number;
  readonly now?: () => number;
  readonly schedule?: (run: () => void, milliseconds: number) => () => void;
}

export interface SubscribeOptions<Key> extends Selection {
  readonly key: Key;
  /** The position the subscriber has; without one its stream begins with `position`, with one with `resync`. */
  readonly lastEventId?: string | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `Heard`: those of the events that viewers may hear, when there are internal channels besides. */
export interface Hub<Key, Event extends AnyChangeEvent, Heard extends Event = Event> {
  readonly subscriberCount: number;
  /** How many topics somebody hears. */
  readonly topicCount: number;
  /** Opens a stream. Rejects with {@link Revocation} when the viewer may not hear what it requires. */
  subscribe(options: SubscribeOptions<Key>): Promise<AsyncIterableIterator<Frame<Heard>>>;
  /** One committed change, in commit order. */
  publish(announcement: Announcement): void;
  /** Anything may have been missed: nothing is delivered to a viewer until it was loaded afresh. */
  gap(): void;
}

interface Subscription<Key, Viewer, Event extends AnyChangeEvent> {
  readonly key: Key;
  readonly selection: Selection;
  readonly channels: ReadonlySet<string> | undefined;
  readonly queue: FrameQueue<Event>;
  /** Undefined: not loaded yet, or suspended. Nothing is delivered then. */
  viewer: Viewer | undefined;
  /** Access events heard while a fresh viewer is being read, to be applied to what was read. */
  heardWhileLoading: Event[] | undefined;
  cancelExpiry: (() => void) | undefined;
}

const SESSION_EXPIRED = 'Your session has expired. Sign in again.';
const QUEUE_LIMIT = 1_000;
/** Access events remembered while a viewer is being read; with more than that it is read again. */
const HEARD_LIMIT = 1_000;
/** Node's timers hold no longer delay. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Routes change events to the subscribers that may hear them: topic -> subscribers. Who may hear what is decided
 * here and now, event by event: an event that takes access away narrows first and is delivered after, so that it is
 * the last its stream hears of what it lost; one that grants access widens after.
 * What fails while it routes is told to `onError`, and no call of `publish` or `gap` throws: `load` is tried again,
 * and a subscriber on whose account a function of `access` or its selection throws ends with a {@link Revocation}.
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
  const now = options.now ?? Date.now;
  const schedule = options.schedule ?? scheduleTimer;
  const audience = createAudience(definitions);
  const subs = new Set<Sub>();
  const index = new TopicIndex<Sub>();
  const loader: Loader<Sub> = createLoader<Sub, Viewer>({
    load: (batch) => options.load(batch.map((sub) => sub.key)),
    onLoaded: (sub, result) => loaded(sub, result),
    onFailed: (sub) => sub.queue.end(undetermined()),
    isWanted: (sub) => subs.has(sub),
    onError,
    schedule,
  });
  const boot = randomUUID().slice(0, 8);
  let published = 0;

  const position = (): string => `${boot}-${published}`;
  const deliver = (sub: Sub, data: StreamEvent<Event>): void => sub.queue.push({ id: position(), data });
  const hears = (sub: Sub, topic: string): boolean => sub.selection.topics?.(topic) ?? true;
  const hearsChannel = (sub: Sub, channel: string): boolean => sub.channels?.has(channel) ?? true;

  /** The application's functions may throw: that ends the subscriber it was about, and no other. */
  function guard(sub: Sub, act: () => void): void {
    try {
      act();
    } catch (error) {
      onError(error);
      sub.queue.end(undetermined());
    }
  }

  function setViewer(sub: Sub, viewer: Viewer): void {
    if (sub.viewer === viewer || !subs.has(sub)) return;
    sub.viewer = viewer;
    index.set(sub, access.topics(viewer));
    sub.cancelExpiry?.();
    sub.cancelExpiry = undefined;
    armExpiry(sub, viewer);
    const lost = sub.selection.requires?.find(({ topic }) => !index.has(sub, topic));
    if (lost !== undefined) sub.queue.end(new Revocation('FORBIDDEN', lost.otherwise));
  }

  function armExpiry(sub: Sub, viewer: Viewer): void {
    const left = access.expiresAt(viewer) - now();
    if (left <= 0) {
      sub.queue.end(access.expired?.(viewer) ?? new Revocation('UNAUTHORIZED', SESSION_EXPIRED));
      return;
    }
    const wait = Math.min(left, LONGEST_TIMER);
    sub.cancelExpiry = schedule(() => guard(sub, () => armExpiry(sub, viewer)), wait);
  }

  function remove(sub: Sub): void {
    subs.delete(sub);
    index.delete(sub);
    sub.cancelExpiry?.();
  }

  function reload(sub: Sub): void {
    sub.heardWhileLoading = [];
    loader.request(sub);
  }

  function noteWhileLoading({ heardWhileLoading: heard }: Sub, event: Event): void {
    if (heard !== undefined && heard.length < HEARD_LIMIT) heard.push(event);
  }

  /** Until the fresh viewer is there nothing is delivered: what was withdrawn during a gap is not known yet. */
  function suspend(sub: Sub): void {
    sub.viewer = undefined;
    index.delete(sub);
    sub.cancelExpiry?.();
    sub.cancelExpiry = undefined;
    reload(sub);
  }

  function loaded(sub: Sub, result: Viewer | Revocation): void {
    const heard = sub.heardWhileLoading ?? [];
    if (heard.length === HEARD_LIMIT) return reload(sub);
    sub.heardWhileLoading = undefined;
    let viewer = result;
    // What was read may be older or newer than these events; applied in order they end in the same place.
    for (const event of heard) {
      if (viewer instanceof Revocation) break;
      viewer = access.narrow(viewer, event);
      if (viewer instanceof Revocation) break;
      const wider: Viewer | 'reload' = access.widen(viewer, event);
      if (wider === 'reload') return reload(sub);
      viewer = wider;
    }
    if (viewer instanceof Revocation) return sub.queue.end(viewer);
    setViewer(sub, viewer);
  }

  function publishChange(event: Event): void {
    const topics = audience(event);
    const changesAccess = access.channels.has(event.channel);
    const internal = definitions[event.channel]?.internal === true;
    if (changesAccess) for (const sub of subs) noteWhileLoading(sub, event);

    const route = (sub: Sub): void => {
      const addressed = topics.some((topic) => index.has(sub, topic) && hears(sub, topic));
      const wanted = addressed && !internal && hearsChannel(sub, event.channel);
      if (!changesAccess) {
        if (wanted) deliver(sub, event);
        return;
      }
      const before = sub.viewer as Viewer;
      const narrowed = access.narrow(before, event);
      if (narrowed instanceof Revocation) return sub.queue.end(narrowed);
      const left = narrowed === before ? undefined : new Set(access.topics(narrowed));
      if (wanted && (left === undefined || topics.some((topic) => left.has(topic)))) {
        deliver(sub, event);
      }
      setViewer(sub, narrowed);
      if (subs.has(sub)) widen(sub, narrowed, event);
    };
    for (const sub of index.find(topics)) guard(sub, () => route(sub));
  }

  /** What a viewer gains may have spoken before they could hear it: hence the resync, once it is heard. */
  function widen(sub: Sub, viewer: Viewer, event: Event): void {
    const before = index.topicsOf(sub);
    const tell = (): void => {
      const gained = [...index.topicsOf(sub)].some((topic) => !before.has(topic) && hears(sub, topic));
      if (gained) deliver(sub, { channel: 'resync', reason: 'access-widened' });
    };
    const widened = access.widen(viewer, event);
    if (widened === 'reload') {
      reload(sub);
      loader.whenLoaded(sub, tell);
    } else if (widened !== viewer) {
      setViewer(sub, widened);
      tell();
    }
  }

  function resyncAll(reason: ResyncReason): void {
    for (const sub of subs) {
      const wasOpen = sub.viewer !== undefined;
      suspend(sub);
      if (wasOpen) loader.whenLoaded(sub, () => deliver(sub, { channel: 'resync', reason }));
    }
  }

  function publishResync(channel: string): void {
    if (access.channels.has(channel)) return resyncAll('truncated-table');
    if (definitions[channel]?.internal === true) return;
    for (const sub of subs) {
      if (sub.viewer !== undefined && hearsChannel(sub, channel)) {
        deliver(sub, { channel: 'resync', reason: 'truncated-table', channels: [channel] });
      }
    }
  }

  return {
    get subscriberCount() {
      return subs.size;
    },
    get topicCount() {
      return index.size;
    },
    publish(announcement) {
      published += 1;
      if (announcement.kind === 'resync') publishResync(announcement.channel);
      else publishChange(announcement.event as Event);
    },
    gap() {
      published += 1;
      resyncAll('gap');
    },
    async subscribe({ key, lastEventId, signal, ...selection }) {
      signal?.throwIfAborted();
      const sub: Sub = {
        key,
        selection,
        channels: selection.channels && new Set(selection.channels),
        queue: new FrameQueue<Event>(options.queueLimit ?? QUEUE_LIMIT, () => {
          signal?.removeEventListener('abort', onAbort);
          remove(sub);
        }),
        viewer: undefined,
        heardWhileLoading: undefined,
        cancelExpiry: undefined,
      };
      const onAbort = (): void => sub.queue.end();
      signal?.addEventListener('abort', onAbort, { once: true });
      subs.add(sub);
      // Joined first, read after: no event falls between the two.
      loader.whenLoaded(sub, () => {
        const greeting = { ...(options.contract && { contract: options.contract }), now: now() };
        const fresh = lastEventId === undefined || lastEventId === null;
        deliver(
          sub,
          fresh
            ? { channel: 'position', ...greeting }
            : { channel: 'resync', reason: 'resumed', ...greeting },
        );
      });
      reload(sub);
      // Internal channels are never delivered, which the types cannot see.
      return sub.queue as AsyncIterableIterator<Frame<Event>> as AsyncIterableIterator<Frame<Heard>>;
    },
  };
}

function undetermined(): Revocation {
  return new Revocation('FORBIDDEN', 'What you may hear could not be determined.');
}

function scheduleTimer(run: () => void, milliseconds: number): () => void {
  const timer = setTimeout(run, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
}
