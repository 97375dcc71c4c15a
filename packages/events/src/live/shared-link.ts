import type { FromPage, ToPage } from './shared-wire.ts';
import type { ChannelEvent } from './source.ts';

/** A page's end of a port. */
export interface Link {
  post(message: FromPage): void;
  cut(): void;
}

/**
 * Speaks with the worker over a port, and sees to it that the worker learns of this page's end: a port alone tells
 * so in few browsers, a Web Lock in all that have them, even of a page that crashed.
 */
export function createLink<Event extends ChannelEvent>(options: {
  readonly port: MessagePort;
  onMessage(message: ToPage<Event>): void;
  /** The worker is gone, or this page is being left and may come back. */
  onClose(): void;
}): Link {
  const { port, onMessage, onClose } = options;
  const page = typeof window === 'undefined' ? undefined : window;
  const { promise: cutting, resolve: release } = Promise.withResolvers<void>();
  let over = false;

  function post(message: FromPage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has none
    if (!over) port.postMessage(message);
  }

  function close(): void {
    if (!over) onClose();
  }

  function leave(): void {
    post({ kind: 'bye' });
    close();
  }

  port.addEventListener('message', ({ data }: MessageEvent<ToPage<Event>>) => {
    if (!over) onMessage(data);
  });
  port.addEventListener('close', close);
  port.start();
  page?.addEventListener('pagehide', leave);
  holdLock();

  /** Only what came over https, or from this very machine, may have one. */
  function holdLock(): void {
    const { locks } = globalThis.navigator ?? {};
    if (!locks || !globalThis.crypto?.randomUUID) return;
    const name = `live page ${crypto.randomUUID()}`;
    void locks.request(name, () => {
      post({ kind: 'lock', name });
      return cutting;
    });
  }

  return {
    post,
    cut() {
      over = true;
      port.close();
      page?.removeEventListener('pagehide', leave);
      release();
    },
  };
}
