import { createLink, type Link, type Locks } from './shared-link.ts';
import type { FromPage, ToPage } from './shared-wire.ts';
import { shareStream } from './shared-worker.ts';
import type { ChannelEvent, LiveHandlers, LiveSource } from './source.ts';
import type { LiveStoreOptions } from './store.ts';
import {
  browserSurroundings,
  reportToConsole,
  schedule as realSchedule,
  type Report,
  type Schedule,
  type Surroundings,
} from './surroundings.ts';

export interface SharedSourceOptions<Event extends ChannelEvent> {
  /** Makes the worker that runs `shareStream`, when the stream is first wanted. */
  readonly worker: () => Pick<SharedWorker, 'port' | 'addEventListener'>;
  /** The page's own stream: where the browser has no `SharedWorker`, and where the worker does not answer. */
  readonly source: LiveSource<Event>;
  /** How long the worker may take to answer at all, its loading included. Default: 10 s. */
  readonly workerMs?: number;
  /** By which it learns that the worker is gone. Default: the browser's, where it has them. */
  readonly locks?: Locks;
  readonly schedule?: Schedule;
  readonly surroundings?: Surroundings;
  readonly onError?: Report;
}

/** What a live store needs to be told to hear a shared stream. */
export type SharedSource<Event extends ChannelEvent> = Pick<
  LiveStoreOptions<Event>,
  'source' | 'backoff' | 'firstAnswerMs' | 'hiddenMs'
>;

const SECOND = 1000;
const MAX_UNANSWERED = 2;

/**
 * Makes a live store's options of a worker that holds the stream for all pages of the browser. Only pages that may
 * hear the same may share one, so name the worker after the person and the version of the app. Without
 * `SharedWorker` the page has a stream of its own.
 *
 * @example
 * const name = `${userId} 1.4.0`;
 * const worker = () => new SharedWorker(new URL('./live-worker.js', import.meta.url), { type: 'module', name });
 * const source = trpcSource(client.realtime.changes);
 * createLiveStore({ ...sharedSource({ worker, source }), contract });
 */
export function sharedSource<Event extends ChannelEvent>(
  options: SharedSourceOptions<Event>,
): SharedSource<Event> {
  if (typeof SharedWorker === 'undefined') return { source: options.source };
  return {
    source: portSource(options),
    // The worker knows when to try again, when a server is silent for too long, and who looks on: this side only
    // comes back to it.
    backoff: { min: 20, max: 200 },
    firstAnswerMs: 3600 * SECOND,
    hiddenMs: Infinity,
  };
}

/** The page's side of the port; what it opens and hears is numbered, so that nothing of an earlier stream is heard. */
function portSource<Event extends ChannelEvent>(options: SharedSourceOptions<Event>): LiveSource<Event> {
  const { worker, source, workerMs = 10 * SECOND, schedule = realSchedule } = options;
  const { surroundings = browserSurroundings(), onError = reportToConsole } = options;
  let link: Link<FromPage> | undefined;
  let unanswered = 0;
  let openings = 0;
  let current: { readonly opening: number; readonly handlers: LiveHandlers<Event> } | undefined;
  let cancelWait: (() => void) | undefined;
  let stopWatching: (() => void) | undefined;

  const seen = () => ({ online: surroundings.isOnline(), hidden: surroundings.isHidden() });

  function connect(): Link<FromPage> {
    if (unanswered < MAX_UNANSWERED) {
      try {
        const made = worker();
        made.addEventListener('error', () => doWithout('The worker could not be loaded'));
        return linkTo(made.port);
      } catch (error) {
        unanswered = MAX_UNANSWERED;
        onError(error, 'The worker could not be made; this page has a stream of its own');
      }
    }
    // The same as the worker's, in this page and for it alone.
    const { port1, port2 } = new MessageChannel();
    shareStream<Event>({ source, onError }).connect(port1);
    return linkTo(port2);
  }

  function linkTo(port: MessagePort): Link<FromPage> {
    const { locks } = options;
    return createLink<ToPage<Event>, FromPage>({
      port,
      onMessage: hear,
      onClose: lose,
      onError,
      ...(locks && { locks }),
    });
  }

  function doWithout(why: string): void {
    if (unanswered >= MAX_UNANSWERED) return;
    unanswered = MAX_UNANSWERED;
    onError(new Error(why), 'This page has a stream of its own');
    lose();
  }

  /** A worker that died is made anew; one that does not answer then either is left alone. */
  function notAnswered(): void {
    unanswered += 1;
    if (unanswered >= MAX_UNANSWERED)
      onError(new Error('The worker does not answer'), 'This page has a stream of its own');
    lose();
  }

  /** The store comes back at once, over a new port. */
  function lose(): void {
    link?.cut();
    link = undefined;
    end((handlers) => handlers.onConnectionStateChange({ state: 'connecting', error: {} }));
  }

  function end(tell: (handlers: LiveHandlers<Event>) => void): void {
    const ended = current;
    current = undefined;
    cancelWait?.();
    if (ended) tell(ended.handlers);
  }

  function hear(message: ToPage<Event>): void {
    if (message.opening !== current?.opening) return;
    if (message.kind === 'heard') {
      cancelWait?.();
      unanswered = 0;
    } else if (message.kind === 'ended') {
      end((handlers) => handlers.onError(message.error));
    } else {
      for (const frame of message.frames) current?.handlers.onData(frame);
    }
  }

  return {
    open(input, handlers) {
      const opening = (openings += 1);
      link ??= connect();
      current = { opening, handlers };
      cancelWait = schedule(notAnswered, workerMs);
      link.post({ kind: 'open', opening, ...input, ...seen() });
      stopWatching ??= surroundings.onChange(() => link?.post({ kind: 'surroundings', ...seen() }));
      return () => {
        // What the worker ended itself it expects back.
        if (current?.opening !== opening) return;
        end(() => undefined);
        stopWatching?.();
        stopWatching = undefined;
        link?.post({ kind: 'close' });
      };
    },
  };
}
