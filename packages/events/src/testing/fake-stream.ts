import type { Contract } from '../contract-version.ts';
import { EventsError } from '../error.ts';
import type { PositionEvent, ResyncEvent, ResyncReason, StreamEvent } from '../event.ts';
import type { ChannelEvent, LiveHandlers, LiveSource } from '../live/source.ts';
import { schedule as realSchedule, type Now, type Schedule } from '../live/surroundings.ts';

type Filled = 'seq' | 'announced_at';

/** An event as a test writes it: the stream fills in `seq` and `announced_at` where they are left out. */
export type Emitted<Event> = Event extends unknown
  ? Omit<Event, Filled> & Partial<Pick<Event, Filled & keyof Event>>
  : never;

export interface FakeStreamOptions {
  /** What the server says of its channels on each stream's first frame; see `contractOf`. */
  readonly contract?: Contract;
  /** For `announced_at`. Default: `Date.now`. */
  readonly now?: Now;
  /** For `delay`, the only one that needs a timer. Default: `setTimeout`. */
  readonly schedule?: Schedule;
}

/** A server's stream that a test speaks for. It is the `source` of a live store. */
export interface FakeStream<Event extends ChannelEvent> extends LiveSource<Event> {
  /** How many streams are open: 1 while a live store listens, 0 when it has left. */
  readonly connections: number;
  /** What each stream asked for when it was opened. */
  readonly openings: readonly { readonly lastEventId?: string }[];
  /** Sends an event. Who is not connected gets it on coming back, as from a real server. */
  emit(event: Emitted<Event>): void;
  /** Who is away now has to start over on coming back: the log does not reach back to where it left. */
  forget(): void;
  /** "You may have missed anything", on all channels or on those named. */
  resync(reason?: ResyncReason, channels?: readonly Event['channel'][]): void;
  /** Ends the stream as the server does when a session or a right has ended: the store does not come back. */
  revoke(code?: 'UNAUTHORIZED' | 'FORBIDDEN', message?: string): void;
  /** The connection is lost, and no attempt to open another succeeds until `restore`. */
  drop(): void;
  restore(): void;
  /** Keeps back what is sent from now on, until `release` lets it through in order. */
  hold(): void;
  release(): void;
  /** Everything sent from now on arrives this many milliseconds later, in order. 0: at once. */
  delay(ms: number): void;
}

interface Connection<Event extends ChannelEvent> {
  readonly handlers: LiveHandlers<Event>;
  readonly waiting: { ready: boolean; readonly arrive: () => void }[];
}

/**
 * Makes a stream without a server, for tests of components and stores: it greets as the hub does, delivers typed
 * events at once, and fails on demand. Wrap what changes a rendered component in `act`.
 * `emit`, `resync` and `revoke` throw {@link EventsError} `nobody-listens` when nothing has ever opened the stream.
 *
 * @example
 * const stream = fakeStream<AppEvent>();
 * const store = createLiveStore<AppEvent>({ source: stream });
 * store.addListener({ onEvent: (event) => console.log(event.channel) });
 * stream.emit({ channel: 'role_changes', operation: 'DELETE', id: 7, team_id: 1, name: 'Clerk' });
 */
export function fakeStream<Event extends ChannelEvent>(options: FakeStreamOptions = {}): FakeStream<Event> {
  const { contract, now = Date.now, schedule = realSchedule } = options;
  const connections = new Set<Connection<Event>>();
  const openings: { lastEventId?: string }[] = [];
  let epoch = 'fake';
  /** What was sent in this epoch, and how many events were sent before it. */
  let log: Event[] = [];
  let forgotten = 0;
  let sent = 0;
  let dropped = false;
  let held = false;
  let delayMs = 0;

  const idAt = (at: number | ''): string => `${epoch}-${at}`;

  /** One after the other: a later frame never overtakes one that is held or delayed. */
  function flush({ waiting }: Connection<Event>): void {
    while (waiting[0]?.ready === true) {
      // Looked at each time: what arrives may hold back the rest.
      if (held) return;
      waiting.shift()?.arrive();
    }
  }

  function arriveOn(connection: Connection<Event>, arrive: () => void): void {
    const frame = { ready: delayMs === 0, arrive };
    connection.waiting.push(frame);
    if (!frame.ready) {
      schedule(() => {
        frame.ready = true;
        flush(connection);
      }, delayMs);
    }
    flush(connection);
  }

  function send(connection: Connection<Event>, data: StreamEvent<Event>, at = sent): void {
    const id = idAt(at);
    arriveOn(connection, () => connection.handlers.onData({ id, data }));
  }

  function close(connection: Connection<Event>): void {
    connections.delete(connection);
    connection.waiting.length = 0;
  }

  function everyone(what: string): Connection<Event>[] {
    if (openings.length === 0) {
      throw new EventsError(
        'nobody-listens',
        `fakeStream: ${what} reaches nobody, because nothing has opened the stream yet. Give it to ` +
          'createLiveStore({ source: stream }), and render what listens (or call store.addListener) before.',
      );
    }
    return [...connections];
  }

  function greet(connection: Connection<Event>, lastEventId: string | undefined): void {
    const greeting = { now: now(), ...(contract && { contract }) };
    const position: PositionEvent = { channel: 'position', ...greeting };
    const resync: ResyncEvent = { channel: 'resync', reason: 'unknown-position', ...greeting };
    const known = lastEventId?.startsWith(idAt('')) === true;
    if (!known) return send(connection, lastEventId === undefined ? position : resync);
    const from = Number(lastEventId.slice(idAt('').length));
    send(connection, position, from);
    log.slice(from - forgotten).forEach((event, index) => send(connection, event, from + index + 1));
  }

  return {
    get connections() {
      return connections.size;
    },
    openings,
    open(input, handlers) {
      openings.push(input);
      handlers.onConnectionStateChange({ state: 'connecting', error: null });
      if (dropped) {
        handlers.onError(new Error('fakeStream: dropped'));
        return () => undefined;
      }
      const connection: Connection<Event> = { handlers, waiting: [] };
      connections.add(connection);
      greet(connection, input.lastEventId);
      return () => close(connection);
    },
    emit(event) {
      const heard = everyone(`emit() on channel "${event.channel}"`);
      sent += 1;
      const full = { seq: sent, announced_at: new Date(now()).toISOString(), ...event };
      // The two that a test may leave out are there now, which the types cannot see.
      const whole = full as unknown as Event;
      log.push(whole);
      for (const connection of heard) send(connection, whole);
    },
    forget() {
      log = [];
      forgotten = sent;
      epoch += "'";
    },
    resync(reason = 'gap', channels) {
      for (const connection of everyone('resync()')) {
        send(connection, { channel: 'resync', reason, ...(channels && { channels }) });
      }
    },
    revoke(code = 'UNAUTHORIZED', message = 'Your session has ended') {
      // As tRPC's client gives it.
      const error = Object.assign(new Error(message), { data: { code }, shape: { message } });
      for (const connection of everyone('revoke()')) {
        arriveOn(connection, () => {
          close(connection);
          connection.handlers.onError(error);
        });
      }
    },
    drop() {
      dropped = true;
      const error = new Error('fakeStream: dropped');
      for (const connection of connections) {
        close(connection);
        connection.handlers.onConnectionStateChange({ state: 'connecting', error });
      }
    },
    restore() {
      dropped = false;
    },
    hold() {
      held = true;
    },
    release() {
      held = false;
      for (const connection of connections) flush(connection);
    },
    delay(ms) {
      delayMs = ms;
    },
  };
}
