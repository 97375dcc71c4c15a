import { pauseBefore } from '../backoff.ts';
import { EventsError } from '../error.ts';
import { Revocation } from './access.ts';

export interface LoaderOptions<Item, Viewer> {
  readonly load: (batch: readonly Item[]) => Promise<readonly (Viewer | Revocation | Error)[]>;
  readonly onLoaded: (item: Item, result: Viewer | Revocation) => void;
  /** `onLoaded` threw: the item cannot go on. */
  readonly onFailed: (item: Item) => void;
  readonly isWanted: (item: Item) => boolean;
  readonly onError: (error: unknown) => void;
  readonly schedule: (run: () => void, milliseconds: number) => () => void;
}

export interface Loader<Item> {
  /** Loads the item, with a read that begins after this call. */
  request(item: Item): void;
}

/**
 * Reads viewers in batches, one read at a time: those who ask together are answered together. A read that fails is
 * tried again for ever; an item that fails alone is tried again alone. `onError` is told of each, with an
 * {@link EventsError} `bad-viewers` where the answers are not as many as the questions.
 */
export function createLoader<Item, Viewer>(options: LoaderOptions<Item, Viewer>): Loader<Item> {
  const wanted = new Set<Item>();
  /** Items whose own reads failed: how often, and how to call off the next attempt. */
  const failing = new Map<Item, { attempts: number; cancel: () => void }>();
  let running = false;

  async function run(): Promise<void> {
    for (let attempt = 0; wanted.size > 0;) {
      const batch = [...wanted].filter(options.isWanted);
      wanted.clear();
      const results = await read(batch);
      if (results === undefined) {
        for (const item of batch) wanted.add(item);
        const pause = pauseAfter(attempt);
        attempt += 1;
        await new Promise<void>((resolve) => options.schedule(resolve, pause));
      } else {
        attempt = 0;
        batch.forEach((item, at) => settle(item, results[at] as Viewer | Revocation | Error));
      }
      for (const item of failing.keys()) if (!options.isWanted(item)) forgetFailure(item);
    }
    running = false;
  }

  async function read(batch: readonly Item[]): Promise<readonly (Viewer | Revocation | Error)[] | undefined> {
    if (batch.length === 0) return [];
    try {
      const results = await options.load(batch);
      // Which answer is whose cannot be told then.
      if (results.length !== batch.length) throw wrongCount(results.length, batch.length);
      return results;
    } catch (error) {
      options.onError(error);
      return undefined;
    }
  }

  function settle(item: Item, result: Viewer | Revocation | Error): void {
    const failed = result instanceof Error && !(result instanceof Revocation);
    if (failed) options.onError(result);
    if (wanted.has(item) || !options.isWanted(item)) return;
    if (failed) return tryAgain(item);
    forgetFailure(item);
    try {
      options.onLoaded(item, result);
    } catch (error) {
      // One bad viewer must not hold up the others.
      options.onError(error);
      options.onFailed(item);
    }
  }

  function tryAgain(item: Item): void {
    const attempts = failing.get(item)?.attempts ?? 0;
    const cancel = options.schedule(() => request(item), pauseAfter(attempts));
    failing.set(item, { attempts: attempts + 1, cancel });
  }

  function forgetFailure(item: Item): void {
    failing.get(item)?.cancel();
    failing.delete(item);
  }

  function request(item: Item): void {
    // A read that begins now makes the one that was to come superfluous.
    failing.get(item)?.cancel();
    wanted.add(item);
    if (running) return;
    running = true;
    queueMicrotask(() => void run());
  }

  return { request };
}

function pauseAfter(failures: number): number {
  return pauseBefore(failures, { min: 100, max: 5_000 }, Math.random);
}

function wrongCount(answers: number, questions: number): EventsError {
  return new EventsError(
    'bad-viewers',
    `"load" gave ${answers} answers for ${questions} keys; nothing is delivered to these viewers until it gives one for each, in the same order. For one who may hear nothing give a Revocation.`,
  );
}
