import { pauseBefore } from '../backoff.ts';
import type { Revocation } from './access.ts';

export interface LoaderOptions<Item, Viewer> {
  readonly load: (batch: readonly Item[]) => Promise<readonly (Viewer | Revocation)[]>;
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
  /** Runs `then` once after the item's next load that was not overtaken by another request. */
  whenLoaded(item: Item, then: () => void): void;
}

/** Reads viewers in batches, one read at a time: those who ask together are answered together. */
export function createLoader<Item, Viewer>(options: LoaderOptions<Item, Viewer>): Loader<Item> {
  const wanted = new Set<Item>();
  const waiting = new Map<Item, (() => void)[]>();
  let running = false;

  async function run(): Promise<void> {
    for (let attempt = 0; wanted.size > 0;) {
      const batch = [...wanted].filter(options.isWanted);
      wanted.clear();
      const results = await read(batch);
      if (results === undefined) {
        for (const item of batch) wanted.add(item);
        const pause = pauseBefore(attempt, { min: 100, max: 5_000 }, Math.random);
        attempt += 1;
        await new Promise<void>((resolve) => options.schedule(resolve, pause));
      } else {
        attempt = 0;
        batch.forEach((item, at) => settle(item, results[at] as Viewer | Revocation));
      }
      for (const item of waiting.keys()) if (!options.isWanted(item)) waiting.delete(item);
    }
    running = false;
  }

  async function read(batch: readonly Item[]): Promise<readonly (Viewer | Revocation)[] | undefined> {
    try {
      return batch.length === 0 ? [] : await options.load(batch);
    } catch (error) {
      options.onError(error);
      return undefined;
    }
  }

  function settle(item: Item, result: Viewer | Revocation): void {
    if (wanted.has(item) || !options.isWanted(item)) return;
    try {
      options.onLoaded(item, result);
    } catch (error) {
      // One bad viewer must not hold up the others.
      options.onError(error);
      options.onFailed(item);
      return;
    }
    if (wanted.has(item) || !options.isWanted(item)) return;
    const callbacks = waiting.get(item) ?? [];
    waiting.delete(item);
    for (const callback of callbacks) callback();
  }

  return {
    request(item) {
      wanted.add(item);
      if (running) return;
      running = true;
      queueMicrotask(() => void run());
    },
    whenLoaded(item, then) {
      const callbacks = waiting.get(item);
      if (callbacks === undefined) waiting.set(item, [then]);
      else callbacks.push(then);
    },
  };
}
