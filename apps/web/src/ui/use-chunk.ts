import { useCallback, useLayoutEffect, useSyncExternalStore } from 'react';

import { browserSurroundings, retryChunk, type Chunk, type ChunkState } from './chunk.ts';

/** A chunk, wanted for as long as the component is there: one that failed is fetched again with the connection. */
export function useChunk<Part>(
  chunk: Chunk<Part>,
  connected: boolean,
): { state: ChunkState<Part>; retry: () => Promise<void> } {
  const state = useSyncExternalStore(chunk.subscribe, chunk.get);
  // Before it is painted: what failed while nobody wanted it is not shown as failed.
  useLayoutEffect(() => void chunk.load(), [chunk, connected]);
  const retry = useCallback(() => retryChunk(chunk, browserSurroundings), [chunk]);
  return { state, retry };
}
