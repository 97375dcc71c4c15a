import { createLink, type Link, type Locks } from './shared-link.ts';
import { createTape } from './shared-tape.ts';
import { postedError, type FromPage, type PostedError, type ToPage } from './shared-wire.ts';
import { isPosition, type ChannelEvent, type Frame, type LiveHandlers, type LiveSource } from './source.ts';
import { createLiveStore, type LiveStoreOptions } from './store.ts';
import { reportToConsole } from './surroundings.ts';

type StoreOptions =
  | 'firstAnswerMs'
  | 'silenceMs'
  | 'hiddenMs'
  | 'backoff'
  | 'lingerMs'
  | 'now'
  | 'schedule'
  | 'random'
  | 'onError';

export interface ShareStreamOptions<Event extends ChannelEvent> extends Pick<
  LiveStoreOptions<Event>,
  StoreOptions
> {
  readonly source: LiveSource<Event>;
  /** How many frames are kept for pages that come back to the stream. Default: 500. */
  readonly remembered?: number;
  /** By which it learns that a page is gone that could not say so. Default: the browser's, where it has them. */
  readonly locks?: Locks;
}

/** A stream that many pages hear. */
export interface SharedStream {
  /** One page's end of it, as the worker's `connect` event brings it. */
  connect(port: MessagePort): void;
}

/** One page, from its first word until it is gone. */
interface PageEnd<Event extends ChannelEvent> {
  readonly link: Link<ToPage<Event>>;
  online: boolean;
  hidden: boolean;
  /** It wants the stream, also while that is lost. */
  wants: boolean;
  /** The number of the stream that it has open. */
  opening: number | undefined;
  lastEventId: string | undefined;
  /** It has had its first frame. */
  hears: boolean;
  /** How many frames it was sent on the stream that it has open. */
  sent: number;
  /** It knows that the stream was lost, and waits for the next. */
  knows: boolean;
}

/**
 * Holds one stream for all pages that connect, in a `SharedWorker`: opened with the first page that listens,
 * reopened for ever with its position, left when no page listens or nobody has seen any of them for a while.
 *
 * @example
 * const stream = shareStream({ source: trpcSource(client.realtime.changes) });
 * addEventListener('connect', (event) => {
 *   for (const port of (event as MessageEvent).ports) stream.connect(port);
 * });
 */
export function shareStream<Event extends ChannelEvent>(options: ShareStreamOptions<Event>): SharedStream {
  const { source, remembered = 500, now = Date.now, onError = reportToConsole } = options;
  const pages = new Set<PageEnd<Event>>();
  const watchers = new Set<() => void>();
  const tape = createTape<Event>({ limit: remembered, now });
  let standing = false;
  let ended = false;
  let loss: PostedError | undefined;
  let stopListening: (() => void) | undefined;

  const wanting = () => Array.from(pages).filter(({ wants }) => wants);
  const store = createLiveStore<Event>({
    ...options,
    source: { open },
    surroundings: {
      isOnline: () => wanting().length === 0 || wanting().some(({ online }) => online),
      isHidden: () => wanting().every(({ hidden }) => hidden),
      onChange(listener) {
        watchers.add(listener);
        return () => void watchers.delete(listener);
      },
    },
  });

  /** The store's own stream, with all pages looking on. */
  function open(input: { lastEventId?: string }, handlers: LiveHandlers<Event>): () => void {
    if (input.lastEventId === undefined) tape.clear();
    loss = undefined;
    let over = false;
    let error: unknown;
    const closeSource = source.open(input, {
      onData(frame) {
        if (over) return;
        handlers.onData(frame);
        // By this very frame the store may have learned that others were lost.
        if (over) return;
        tape.take(frame);
        for (const page of pages) if (page.hears) send(page, [frame]);
        if (standing) return;
        standing = true;
        for (const page of pages) if (page.opening !== undefined && !page.hears) begin(page);
      },
      onError(reason) {
        error = reason;
        handlers.onError(reason);
      },
      onComplete: () => handlers.onComplete(),
      onConnectionStateChange(connection) {
        error = connection.error ?? error;
        handlers.onConnectionStateChange(connection);
      },
    });
    return () => {
      if (over) return;
      over = true;
      standing = false;
      closeSource();
      loss = postedError(error);
      for (const page of pages) if (page.opening !== undefined) end(page, loss);
    };
  }

  function begin(page: PageEnd<Event>): void {
    page.hears = true;
    page.sent = 0;
    page.knows = false;
    send(page, tape.beginning(page.lastEventId));
  }

  function send(page: PageEnd<Event>, frames: readonly Frame<Event>[]): void {
    if (page.opening === undefined) return;
    const counted = frames.map((frame) => recount(frame, page.sent++));
    page.link.post({ kind: 'frames', opening: page.opening, frames: counted });
  }

  function end(page: PageEnd<Event>, error: PostedError): void {
    if (page.opening !== undefined) page.link.post({ kind: 'ended', opening: page.opening, error });
    Object.assign(page, { opening: undefined, hears: false, knows: true });
  }

  function opened(page: PageEnd<Event>, message: FromPage & { kind: 'open' }): void {
    const { opening, lastEventId } = message;
    pages.add(page);
    Object.assign(page, { opening, lastEventId, hears: false, wants: true });
    page.link.post({ kind: 'heard', opening });
    see(page, message);
    stopListening ??= store.addListener({
      onEvent() {},
      onEnd() {
        ended = true;
      },
    });
    if (ended) {
      ended = false;
      // Refused once; who asks now may have signed in again.
      store.restart();
    }
    if (standing) begin(page);
    // Who comes while it is away is told so at once, and not only when the next attempt has failed too.
    else if (loss && !page.knows) end(page, loss);
  }

  function see(page: PageEnd<Event>, { online, hidden }: { online: boolean; hidden: boolean }): void {
    Object.assign(page, { online, hidden });
    for (const watcher of watchers) watcher();
  }

  function leave(page: PageEnd<Event>): void {
    Object.assign(page, { opening: undefined, hears: false, wants: false, knows: false });
    if (wanting().length > 0) return see(page, page);
    stopListening?.();
    stopListening = undefined;
  }

  function hear(page: PageEnd<Event>, message: FromPage): void {
    if (message.kind === 'open') opened(page, message);
    else if (message.kind === 'surroundings') see(page, message);
    else leave(page);
  }

  function gone(page: PageEnd<Event>): void {
    page.link.cut();
    pages.delete(page);
    leave(page);
  }

  return {
    connect(port) {
      const page: PageEnd<Event> = {
        link: createLink<FromPage, ToPage<Event>>({
          port,
          onMessage: (message) => hear(page, message),
          onClose: () => gone(page),
          onError,
          ...(options.locks && { locks: options.locks }),
        }),
        online: true,
        hidden: false,
        wants: false,
        opening: undefined,
        lastEventId: undefined,
        hears: false,
        sent: 0,
        knows: false,
      };
    },
  };
}

/** The page counts what came over its port, which began at another moment than the worker's stream. */
function recount<Event extends ChannelEvent>(frame: Frame<Event>, sent: number): Frame<Event> {
  const { id, data } = frame;
  return isPosition(data) && data.sent !== undefined ? { id, data: { ...data, sent } } : frame;
}
