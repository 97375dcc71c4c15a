import type { Replay } from '../batch.ts';
import type { AnyChangeEvent } from '../event.ts';
import { type Access, type LoadViewers, Revocation } from './access.ts';
import { createLoader, type Loader } from './loader.ts';
import type { FrameQueue, Selection } from './subscriber.ts';
import { TopicIndex } from './topic-index.ts';

/** One open stream of one viewer. */
export interface Subscription<Key, Viewer, Event extends AnyChangeEvent> {
  readonly key: Key;
  readonly selection: Selection;
  readonly channels: ReadonlySet<string> | undefined;
  readonly channelNames: string;
  readonly queue: FrameQueue<Event>;
  /** When it was opened, in milliseconds since 1970. */
  readonly since: number;
  /** Until its first frame: the position it was opened with; while it is set aside: the one it stopped at. */
  opening: { readonly position: string | undefined; readonly isAside?: boolean } | undefined;
  /** Undefined: not known yet, or suspended. Nothing is delivered then. */
  viewer: Viewer | undefined;
  /** Access events heard while a fresh viewer is being read, to be applied to what was read. */
  heardWhileLoading: Event[] | undefined;
  /** Which of its loads is the one that counts. */
  generation: number;
  /** What waits for the load that counts. */
  whenSettled: (() => void)[];
  cancelExpiry: (() => void) | undefined;
  /** Takes back what the source was asked for it. */
  withdraw: (() => void) | undefined;
}

export interface SubscriptionsOptions<Key, Viewer, Event extends AnyChangeEvent> {
  readonly audience: (event: AnyChangeEvent) => readonly string[];
  readonly access: Access<Viewer, Event>;
  readonly load: LoadViewers<Key, Viewer>;
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
  readonly schedule: (run: () => void, milliseconds: number) => () => void;
  /** Brings the hub to a head that is no older than what was just loaded, then goes on. */
  readonly catchUp: (sub: Subscription<Key, Viewer, Event>, then: (missed: Missed) => void) => void;
  /** The viewer is known, and so is what the stream has missed. */
  readonly onSettled: (sub: Subscription<Key, Viewer, Event>, missed: Missed) => void;
}

/** What came after the position that a stream was opened with, or why that cannot be told; nothing without one. */
export type Missed = Replay | undefined;

const SESSION_EXPIRED = 'Your session has expired. Sign in again.';
/** Access events remembered while a viewer is being read; with more than that it is read again. */
const HEARD_LIMIT = 1_000;
/** Node's timers hold no longer delay. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Who is subscribed, as whom, and to which topics; every change of a viewer goes through here. */
export class Subscriptions<Key, Viewer, Event extends AnyChangeEvent> {
  readonly all = new Set<Subscription<Key, Viewer, Event>>();
  readonly index = new TopicIndex<Subscription<Key, Viewer, Event>>();
  readonly #options: SubscriptionsOptions<Key, Viewer, Event>;
  readonly #loader: Loader<Subscription<Key, Viewer, Event>>;

  constructor(options: SubscriptionsOptions<Key, Viewer, Event>) {
    this.#options = options;
    this.#loader = createLoader<Subscription<Key, Viewer, Event>, Viewer>({
      load: (batch) => options.load(batch.map((sub) => sub.key)),
      onLoaded: (sub, result) => this.#loaded(sub, result),
      onFailed: (sub) => sub.queue.end(undetermined()),
      isWanted: (sub) => this.all.has(sub),
      onError: options.onError,
      schedule: options.schedule,
    });
  }

  /** The application's functions may throw: that ends the subscriber it was about, and no other. */
  guard(sub: Subscription<Key, Viewer, Event>, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.onError(error);
      sub.queue.end(undetermined());
    }
  }

  setViewer(sub: Subscription<Key, Viewer, Event>, viewer: Viewer): void {
    if (sub.viewer === viewer || !this.all.has(sub)) return;
    sub.viewer = viewer;
    const taken = this.index.set(sub, this.#options.access.topics(viewer));
    sub.cancelExpiry?.();
    sub.cancelExpiry = undefined;
    this.#armExpiry(sub, viewer);
    const lost = sub.selection.requires?.find(({ topic }) => !this.index.has(sub, topic));
    if (lost !== undefined) sub.queue.end(new Revocation('FORBIDDEN', lost.otherwise));
    else if (taken) sub.queue.keep(({ data }) => isControl(data.channel) || this.mayHear(sub, data as Event));
  }

  /** Whether one of the event's topics is the viewer's, and one that the stream asked for. */
  mayHear(sub: Subscription<Key, Viewer, Event>, event: Event): boolean {
    return this.isAddressed(sub, this.#options.audience(event));
  }

  isAddressed(sub: Subscription<Key, Viewer, Event>, topics: readonly string[]): boolean {
    const { topics: wanted } = sub.selection;
    return topics.some((topic) => this.index.has(sub, topic) && (wanted?.(topic) ?? true));
  }

  remove(sub: Subscription<Key, Viewer, Event>): void {
    this.all.delete(sub);
    this.index.delete(sub);
    sub.cancelExpiry?.();
    sub.withdraw?.();
  }

  /** Reads the viewer anew; until it is known, the stream goes on with what the viewer was. */
  reload(sub: Subscription<Key, Viewer, Event>): void {
    sub.heardWhileLoading = [];
    sub.generation += 1;
    this.#loader.request(sub);
  }

  /**
   * Until the fresh viewer is there nothing is delivered, nor what is still unread: what was withdrawn meanwhile is not
   * known yet. The caller tells the stream to start over.
   */
  suspend(sub: Subscription<Key, Viewer, Event>): void {
    sub.viewer = undefined;
    sub.queue.keep(({ data }) => isControl(data.channel));
    this.index.delete(sub);
    sub.cancelExpiry?.();
    sub.cancelExpiry = undefined;
    this.reload(sub);
  }

  /** Holds an access event against whatever is being read. */
  note(event: Event): void {
    for (const { heardWhileLoading: heard } of this.all) {
      if (heard !== undefined && heard.length < HEARD_LIMIT) heard.push(event);
    }
  }

  #armExpiry(sub: Subscription<Key, Viewer, Event>, viewer: Viewer): void {
    const { access, now, schedule } = this.#options;
    const left = access.expiresAt(viewer) - now();
    if (left <= 0) {
      sub.queue.end(access.expired?.(viewer) ?? new Revocation('UNAUTHORIZED', SESSION_EXPIRED));
      return;
    }
    const wait = Math.min(left, LONGEST_TIMER);
    sub.cancelExpiry = schedule(() => this.guard(sub, () => this.#armExpiry(sub, viewer)), wait);
  }

  /** What was read may be ahead of the hub: what lies between must not reach those who gained access after it. */
  #loaded(sub: Subscription<Key, Viewer, Event>, result: Viewer | Revocation): void {
    if (result instanceof Revocation) return sub.queue.end(result);
    const { generation } = sub;
    this.#options.catchUp(sub, (missed) => {
      if (sub.generation !== generation || !this.all.has(sub)) return;
      this.guard(sub, () => this.#settle(sub, result, missed));
    });
  }

  #settle(sub: Subscription<Key, Viewer, Event>, read: Viewer, missed: Missed): void {
    const { access } = this.#options;
    const heard = sub.heardWhileLoading ?? [];
    if (heard.length === HEARD_LIMIT) return this.reload(sub);
    let viewer = read;
    // What was read may be older or newer than these events; applied in order they end in the same place.
    for (const event of heard) {
      const narrowed = access.narrow(viewer, event);
      if (narrowed instanceof Revocation) return sub.queue.end(narrowed);
      const widened = access.widen(narrowed, event);
      if (widened === 'reload') return this.reload(sub);
      viewer = widened;
    }
    sub.heardWhileLoading = undefined;
    this.setViewer(sub, viewer);
    if (!this.all.has(sub)) return;
    this.#options.onSettled(sub, missed);
    for (const run of sub.whenSettled.splice(0)) run();
  }
}

export function isControl(channel: string): boolean {
  return channel === 'position' || channel === 'resync';
}

function undetermined(): Revocation {
  return new Revocation('FORBIDDEN', 'What you may hear could not be determined.');
}
