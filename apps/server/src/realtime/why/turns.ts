import { TRPCError } from '@trpc/server';

/** Lets one at a time work, in the order in which they came. */
export interface Turns {
  /** Rejects with TOO_MANY_REQUESTS at once when too many wait; whoever's signal is aborted waits no longer. */
  take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** Few: each before them reads much of the log, and whoever waits holds a request open. */
const MOST_WAITING = 4;

export function createTurns(mostWaiting = MOST_WAITING): Turns {
  let working = false;
  const waiting: (() => void)[] = [];

  function wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      waiting.splice(waiting.indexOf(enter), 1);
      reject(signal?.reason);
    };
    const enter = (): void => {
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    signal?.addEventListener('abort', leave, { once: true });
    waiting.push(enter);
    return promise;
  }

  return {
    async take(work, signal) {
      signal?.throwIfAborted();
      if (working) {
        if (waiting.length >= mostWaiting) throw tooMany();
        // Whoever has worked hands its turn on, so that nobody gets in between.
        await wait(signal);
      }
      working = true;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) working = false;
        else next();
      }
    },
  };
}

function tooMany(): TRPCError {
  return new TRPCError({
    code: 'TOO_MANY_REQUESTS',
    message:
      'This server is answering as many such questions as it can. Wait a few seconds, then ask again, one at a time.',
  });
}
