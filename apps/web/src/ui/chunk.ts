/** What is known of a part of the app that is fetched on its own. */
export type ChunkState<Part> =
  | { readonly status: 'loading' }
  | { readonly status: 'loaded'; readonly part: Part }
  | { readonly status: 'failed' };

export interface Chunk<Part> {
  get(): ChunkState<Part>;
  subscribe(listener: () => void): () => void;
  /** Fetches it, unless it is here or on its way. Never rejects: the state says how it went. */
  load(): Promise<void>;
}

const LOADING = { status: 'loading' } as const;
const FAILED = { status: 'failed' } as const;

/** A part of the app that is fetched when it is wanted; one that failed, each time it is wanted again. */
export function createChunk<Part>(fetchPart: () => Promise<Part>): Chunk<Part> {
  let state: ChunkState<Part> = LOADING;
  let fetching: Promise<void> | undefined;
  const listeners = new Set<() => void>();

  function become(next: ChunkState<Part>): void {
    state = next;
    for (const listener of listeners) listener();
  }

  async function fetchAndTell(): Promise<void> {
    if (state !== LOADING) become(LOADING);
    const next = await fetchPart().then(
      (part) => ({ status: 'loaded', part }) as const,
      () => FAILED,
    );
    fetching = undefined;
    become(next);
  }

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    load: () => (state.status === 'loaded' ? Promise.resolve() : (fetching ??= fetchAndTell())),
  };
}

export interface Surroundings {
  /** Whether the server answers at all. */
  isReachable(): Promise<boolean>;
  /** Loads the whole page anew. */
  reload(): void;
}

/**
 * Fetches a chunk once more. Where the server answers and still does not give it, there is another version of the app
 * by now, or the browser remembers the failure: then only a new page helps.
 */
export async function retryChunk(
  chunk: Chunk<unknown>,
  { isReachable, reload }: Surroundings,
): Promise<void> {
  await chunk.load();
  if (chunk.get().status === 'failed' && (await isReachable())) reload();
}

export const browserSurroundings: Surroundings = {
  isReachable: () =>
    fetch('/healthz', { cache: 'no-store' }).then(
      ({ ok }) => ok,
      () => false,
    ),
  reload: () => window.location.reload(),
};
