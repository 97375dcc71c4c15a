import { useEffect } from 'react';

import { useLiveStatus } from '../../live.ts';
import { createChunk } from '../../ui/chunk.ts';
import { drawingChunk } from '../diagram/drawing-chunk.ts';

export const tasksChunk = createChunk(async () => (await import('../task/index.tsx')).TasksPage);
export const instancesChunk = createChunk(async () => (await import('../instance/index.tsx')).InstancesPage);
export const modelsChunk = createChunk(async () => (await import('../model/index.tsx')).ModelsPage);

const CHUNKS = [tasksChunk, instancesChunk, modelsChunk, drawingChunk];

/** Fetches what is not open yet while nothing else is to be done: it opens at once, and also without a connection. */
export function usePrefetch(): void {
  const isLive = useLiveStatus().state === 'live';
  useEffect(() => {
    if (!isLive) return undefined;
    return whenIdle(() => {
      for (const chunk of CHUNKS) void chunk.load();
    });
  }, [isLive]);
}

function whenIdle(run: () => void): () => void {
  // Not in Safari, where a task of its own must do.
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(run);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(run);
  return () => cancelIdleCallback(handle);
}
