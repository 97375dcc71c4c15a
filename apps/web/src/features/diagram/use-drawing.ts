import { useEffect, useRef, useState } from 'react';

import { useLiveStatus } from '../../live.ts';
import { useChunk } from '../../ui/use-chunk.ts';
import { drawingChunk } from './drawing-chunk.ts';
import type { draw, Drawing } from './drawing.ts';

export type DrawingState =
  | { status: 'loading' }
  | { status: 'drawn'; drawing: Drawing }
  /** Readable, but it holds no picture. */
  | { status: 'nothing-drawn' }
  /** What draws it could not be fetched. */
  | { status: 'unreachable'; retry: () => unknown }
  | { status: 'failed'; reason: string };

/**
 * Draws `xml` into the container it gives a ref for. Each model gets a viewer and an element of its own, so that a
 * change of model, or React mounting twice, never finds the remains of another.
 */
export function useDrawing(xml: string, onClick: (elementId: string) => void) {
  const container = useRef<HTMLDivElement>(null);
  const latestClick = useRef(onClick);
  const tool = useChunk(drawingChunk, useLiveStatus().state === 'live');
  const drawModel = tool.state.status === 'loaded' ? tool.state.part : null;
  const [opened, setOpened] = useState<{ xml: string; state: DrawingState } | null>(null);

  useEffect(() => {
    latestClick.current = onClick;
  });

  useEffect(() => {
    if (drawModel === null) return undefined;
    const host = document.createElement('div');
    host.style.cssText = 'position:absolute;inset:0';
    container.current?.append(host);
    const closed = new AbortController();
    let drawing: Drawing | undefined;
    void open(drawModel, host, xml, (elementId) => latestClick.current(elementId)).then((state) => {
      if (closed.signal.aborted) {
        if (state.status === 'drawn') state.drawing.destroy();
        return;
      }
      if (state.status === 'drawn') drawing = state.drawing;
      setOpened({ xml, state });
    });
    return () => {
      closed.abort();
      setOpened(null);
      drawing?.destroy();
      host.remove();
    };
  }, [xml, drawModel]);

  let state: DrawingState = opened?.xml === xml ? opened.state : { status: 'loading' };
  if (tool.state.status === 'failed') state = { status: 'unreachable', retry: tool.retry };
  return { container, state };
}

async function open(
  drawModel: typeof draw,
  host: HTMLElement,
  xml: string,
  onClick: (elementId: string) => void,
): Promise<DrawingState> {
  try {
    const drawing = await drawModel(host, xml, onClick);
    return drawing === null ? { status: 'nothing-drawn' } : { status: 'drawn', drawing };
  } catch (error) {
    return { status: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
