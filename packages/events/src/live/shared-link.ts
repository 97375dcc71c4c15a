import type { LinkMessage } from './shared-wire.ts';
import type { Report } from './surroundings.ts';

/** Web Locks, which browsers give only to what came over https or from this very machine. */
export type Locks = Pick<LockManager, 'request'>;

export interface LinkOptions<In> {
  readonly port: MessagePort;
  readonly locks?: Locks | undefined;
  onMessage(message: In): void;
  /** The other end is gone, or this page is being left and may come back. */
  onClose(): void;
  readonly onError: Report;
}

/** One end of a port: the page's, or the worker's. */
export interface Link<Out> {
  post(message: Out): void;
  cut(): void;
}

/**
 * Speaks over a port, and learns of the other end's end: ports themselves tell it in few browsers, and who crashes says
 * nothing. So each end holds a lock for as long as it lives, and waits for the other's.
 */
export function createLink<In, Out>(options: LinkOptions<In>): Link<Out> {
  const { port, onMessage, onClose, onError } = options;
  const { locks = globalThis.navigator?.locks } = options;
  const page = typeof window === 'undefined' ? undefined : window;
  const over = new AbortController();
  const { promise: end, resolve: release } = Promise.withResolvers<void>();

  function post(message: Out | LinkMessage): void {
    if (over.signal.aborted) return;
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has none
      port.postMessage(message);
    } catch (error) {
      onError(error, 'The other end of the shared stream could not be told');
    }
  }

  function close(): void {
    if (!over.signal.aborted) onClose();
  }

  function hear(message: In | LinkMessage): void {
    if (over.signal.aborted) return;
    if (!isOfLink(message)) onMessage(message);
    else if (message.kind === 'bye') close();
    // Granted as soon as the other end does not hold it any more.
    else void locks?.request(message.name, { signal: over.signal }, close).catch(failed);
  }

  function failed(error: unknown): void {
    if (!over.signal.aborted) onError(error, 'The end of the shared stream’s other end cannot be awaited');
  }

  port.addEventListener('message', ({ data }: MessageEvent<In | LinkMessage>) => hear(data));
  port.addEventListener('close', close);
  port.start();
  page?.addEventListener('pagehide', close, { signal: over.signal });
  if (locks) {
    const name = `shared stream ${crypto.randomUUID()}`;
    void locks
      .request(name, () => {
        post({ kind: 'lock', name });
        return end;
      })
      .catch(failed);
  }

  return {
    post,
    cut() {
      post({ kind: 'bye' });
      over.abort();
      port.close();
      release();
    },
  };
}

function isOfLink(message: unknown): message is LinkMessage {
  const { kind } = message as { kind: unknown };
  return kind === 'lock' || kind === 'bye';
}
