import { defaultBackoff, pauseBefore, type Backoff } from '../backoff.ts';
import type { Contract } from '../contract-version.ts';
import { createBookmark } from './bookmark.ts';
import { createCatchUp } from './catch-up.ts';
import { createListeners, type Added, type Listener } from './listeners.ts';
import { resyncWords } from './resync-words.ts';
import {
  finalCodeOf,
  isPosition,
  isResync,
  lossOf,
  messageOf,
  retryAfterOf,
  seqOf,
  type ChannelEvent,
  type Frame,
  type LiveSource,
} from './source.ts';
import { createStatusBoard, type LiveStatus } from './status.ts';
import { createStream } from './stream.ts';
import {
  browserSurroundings,
  reportToConsole,
  schedule as realSchedule,
  type Now,
  type Report,
  type Schedule,
  type Surroundings,
} from './surroundings.ts';
import { watchSurroundings } from './watch.ts';

export interface LiveStoreOptions<Event extends ChannelEvent> {
  readonly source: LiveSource<Event>;
  /**
   * The contract that this page was built with, see `contractOf`: a channel it does not know is ignored, and one
   * that the server defines differently by now is refetched instead of read, and named in the status.
   */
  readonly contract?: Contract | undefined;
  /** The team an event belongs to, for listeners that name one. Default: its `team_id`. */
  readonly teamOf?: (event: Event) => unknown;
  /** How long the first frame may take before the stream counts as lost. Default: 10 s. */
  readonly firstAnswerMs?: number;
  /**
   * How long nothing may come on a stream that stands before it counts as lost. The server says its position every
   * 30 s. `Infinity`: for ever. Default: 75 s.
   */
  readonly silenceMs?: number;
  /** How long the stream outlives its last listener. Default: 1 s. */
  readonly lingerMs?: number;
  /**
   * How long a page may be out of sight before it leaves its stream; it opens it again as soon as it is seen. A
   * page that nobody has seen yet does not open one. `Infinity`: hidden pages keep theirs. Default: 10 s.
   */
  readonly hiddenMs?: number;
  readonly backoff?: Backoff;
  readonly now?: Now;
  readonly schedule?: Schedule;
  readonly random?: () => number;
  readonly surroundings?: Surroundings;
  readonly onError?: Report;
}

/** The app's one stream, shared by all its listeners. */
export interface LiveStore<Event extends ChannelEvent> {
  /** The first listener opens the stream, the last one's removal closes it. Returns how to remove it. */
  addListener<const Channel extends Event['channel'] = Event['channel']>(
    listener: Listener<Event, Channel>,
  ): () => void;
  getStatus(): LiveStatus;
  subscribeStatus(listener: () => void): () => void;
  /** Signing out: closes the stream, forgets its position and tells the listeners; until `restart`. */
  close(reason?: string): void;
  /** Signing in, or "try now": opens a new stream from scratch (as soon as somebody listens). */
  restart(): void;
}

const SECOND = 1000;

type Phase =
  /** Nobody listens. */
  | { readonly name: 'idle' }
  /** Signed out or refused. */
  | { readonly name: 'ended' }
  /** Left, or not opened, because nobody sees the page. */
  | { readonly name: 'away' }
  | { readonly name: 'opening'; leave(): void }
  | { readonly name: 'standing'; readonly since: number; leave(): void }
  /** Lost; the next attempt is scheduled. `asked`: the server asked not to be asked earlier. */
  | { readonly name: 'waiting'; readonly asked: boolean; leave(): void };

/**
 * Makes the live store: one stream, opened with the first listener, reopened for ever with its position, closed
 * with the last. Knows no React and has no clock of its own.
 *
 * @example
 * const store = createLiveStore({ source: trpcSource(client.realtime.changes), contract });
 * const remove = store.addListener({ channels: ['role_changes'], onEvent: (event) => say(event.name) });
 */
export function createLiveStore<Event extends ChannelEvent>(
  options: LiveStoreOptions<Event>,
): LiveStore<Event> {
  const {
    source,
    contract,
    now = Date.now,
    schedule = realSchedule,
    random = Math.random,
    onError = reportToConsole,
  } = options;
  const { firstAnswerMs = 10 * SECOND, silenceMs = 75 * SECOND } = options;
  const { lingerMs = SECOND, backoff = defaultBackoff } = options;
  const { surroundings = browserSurroundings(), teamOf = teamIdOf, hiddenMs = 10 * SECOND } = options;

  const listeners = createListeners<Event>({ teamOf, onError });
  const board = createStatusBoard({ now, schedule, onError });
  const bookmark = createBookmark();
  const catchUp = createCatchUp({ listeners, schedule, onProgress: showStanding });
  /** Those that came while no stream stood: a stream that is resumed tells only them to read anew. */
  const newcomers = new Set<Added>();
  let phase: Phase = { name: 'idle' };
  let attempts = 0;
  /** The position up to which everything that was sent is known to have come. */
  let whole: string | undefined;
  let cancelLinger: (() => void) | undefined;
  let stopWatching: (() => void) | undefined;

  function enter(next: Phase): void {
    if ('leave' in phase) phase.leave();
    phase = next;
  }

  function start(): void {
    if (surroundings.isHidden() && hiddenMs < Infinity) goAway();
    else open();
  }

  /** Browsers allow few connections to a site; those of pages that nobody sees would starve the one in front. */
  function goAway(): void {
    enter({ name: 'away' });
    // Whatever was tried before says nothing about the moment when the page is seen again.
    attempts = 0;
    board.set('connecting', 'This tab is in the background');
  }

  function open(): void {
    const { position } = bookmark;
    const { leave, open: connect } = createStream({
      source,
      position,
      firstAnswerMs,
      silenceMs,
      now,
      schedule,
      onFrame: (frame, before) => take(frame, before, position !== undefined),
      onLost: lose,
      onFailed: fail,
      onError,
    });
    enter({ name: 'opening', leave });
    if (attempts === 0) board.set('connecting', 'Opening the connection', now());
    else if (surroundings.isOnline()) board.set(board.get().state, 'Trying to reach the server again');
    connect();
  }

  function take(frame: Frame<Event>, before: number, resumes: boolean): void {
    const event = frame.data;
    // Read before anything else: what is no event must not make the stream stand.
    const resync = isResync(event);
    const position = isPosition(event);
    if (position && (event.sent ?? before) !== before) return miss();
    const isNew = bookmark.note(frame.id, seqOf(event));
    if (position) whole = bookmark.position;
    const theirs = (position || resync) && event.contract;
    if (contract && theirs) board.outdated(differing(contract, theirs));
    if (phase.name === 'opening') {
      // Replaced, not entered: it is the same stream.
      phase = { name: 'standing', since: now(), leave: phase.leave };
      if (resumes && position) goOn();
      else startOver(resync && !event.channels);
    }
    if (resync) {
      const { reason, channels, spread } = event;
      return catchUp.begin(channels ? { reason, channels } : { reason }, spread);
    }
    const { channel } = event;
    if (!isNew || position || (contract && !Object.hasOwn(contract, channel))) return;
    board.eventCame();
    if (board.get().outdated.includes(channel)) catchUp.begin({ reason: 'outdated', channels: [channel] });
    else listeners.event(event);
  }

  /** Frames were lost on the way. Which ones is known only while the position has not moved; else all starts over. */
  function miss(): void {
    if (bookmark.position !== whole) bookmark.forget();
    lose('Something was lost on the way');
  }

  /** Resumed where it was: what was missed follows. Only who came meanwhile may know something from before. */
  function goOn(): void {
    const added = Array.from(newcomers);
    newcomers.clear();
    listeners.resumed();
    catchUp.await(added.flatMap((one) => one.resync({ reason: 'opened' })));
  }

  /** Everything known so far may be outdated; a resync of everything is going to say so itself. */
  function startOver(said: boolean): void {
    newcomers.clear();
    catchUp.forgive();
    if (!said) catchUp.begin({ reason: 'opened' });
  }

  /** Says `live` once everything is fetched again that was fetched before this moment. */
  function showStanding(): void {
    if (phase.name !== 'standing') return;
    if (catchUp.isOver) board.set('live', 'Connected; changes appear as they happen');
    else board.set('catching up', `Connected; ${resyncWords[catchUp.reason]}`);
  }

  function fail(error: unknown): void {
    const code = finalCodeOf(error);
    if (code === undefined) lose(lossOf(error), error);
    else if (code === 'UNAUTHORIZED') end('signed out', 'Your session has ended; sign in again');
    else end('offline', `The server refused the connection: ${messageOf(error) || code}`);
  }

  function lose(reason: string, error?: unknown): void {
    // A server that accepts and drops at once must not be asked at once again.
    if (phase.name === 'standing' && now() - phase.since >= 10 * SECOND) attempts = 0;
    const asked = retryAfterOf(error);
    const cancelRetry = schedule(open, asked + pauseBefore(attempts, backoff, random));
    attempts += 1;
    enter({ name: 'waiting', asked: asked > 0, leave: cancelRetry });
    if (!surroundings.isOnline()) board.set('offline', 'This device is offline');
    else if (asked > 0) board.set('paused', `${reason}. It is tried again by itself`);
    else board.set(attempts > 1 ? 'offline' : 'connecting', `${reason}; trying again`);
  }

  function end(state: 'signed out' | 'offline', reason: string): void {
    enter({ name: 'ended' });
    // Nothing is fetched any more for whom it was meant.
    catchUp.forget();
    board.set(state, reason);
    listeners.end(reason);
  }

  function forget(): void {
    bookmark.forget();
    catchUp.forget();
    newcomers.clear();
    attempts = 0;
  }

  /** Something suggests that it would succeed now. */
  function hasten(): void {
    if (phase.name === 'waiting' && !phase.asked) open();
  }

  function watch(): () => void {
    return watchSurroundings({
      surroundings,
      schedule,
      hiddenMs,
      onOffline() {
        if (phase.name === 'opening' || phase.name === 'standing') lose('This device is offline');
      },
      onOnline: hasten,
      onSeen() {
        if (phase.name === 'away') open();
        else hasten();
      },
      onLongHidden() {
        if (phase.name !== 'ended') goAway();
      },
    });
  }

  function lastOneLeft(): void {
    stopWatching?.();
    stopWatching = undefined;
    if (phase.name === 'ended') return;
    enter({ name: 'idle' });
    forget();
    board.set('connecting', 'Nothing here listens', now());
  }

  return {
    getStatus: board.get,
    subscribeStatus: board.subscribe,
    addListener(listener) {
      // Only events of its channels reach it, which the types cannot see.
      const added = listeners.add(listener as unknown as Listener<Event>);
      cancelLinger?.();
      cancelLinger = undefined;
      stopWatching ??= watch();
      // It hears everything from now on, and may know something from before.
      if (phase.name === 'standing') catchUp.await(added.resync({ reason: 'opened' }));
      else newcomers.add(added);
      if (phase.name === 'idle') start();
      return () => {
        added.remove();
        newcomers.delete(added);
        if (listeners.size > 0 || cancelLinger || !stopWatching) return;
        cancelLinger = schedule(() => {
          cancelLinger = undefined;
          lastOneLeft();
        }, lingerMs);
      };
    },
    close(reason = 'You are signed out') {
      end('signed out', reason);
    },
    restart() {
      enter({ name: 'idle' });
      forget();
      if (listeners.size > 0) start();
      else board.set('connecting', 'Not opened yet', now());
    },
  };
}

function differing(ours: Contract, theirs: Contract): string[] {
  return Object.keys(ours).filter((channel) => ours[channel] !== theirs[channel]);
}

function teamIdOf(event: object): unknown {
  return 'team_id' in event ? event.team_id : undefined;
}
