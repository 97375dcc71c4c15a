import { useEffect, type RefObject } from 'react';

import type { Drawing } from './drawing.ts';
import { moveByKey } from './move-by-key.ts';
import type { Fitting } from './use-fitting.ts';

/**
 * Makes the drawing polite inside a scrolling page: the wheel scrolls the page unless Ctrl is held (then it zooms),
 * and a finger moves the drawing sideways while up and down stay the page's. bpmn-js itself pans by mouse only.
 */
export function usePanning(
  drawing: Drawing | null,
  container: RefObject<HTMLDivElement | null>,
  fitting: Fitting,
): void {
  useEffect(() => {
    const element = container.current;
    if (!drawing || !element) return undefined;
    const listening = new AbortController();
    const options = { signal: listening.signal };
    const onMoved = fitting.release;
    let finger: { id: number; x: number; y: number } | null = null;

    element.addEventListener(
      'wheel',
      (event) => {
        if (event.ctrlKey || event.metaKey) onMoved();
        else event.stopPropagation();
      },
      { ...options, capture: true },
    );
    element.addEventListener('mousedown', onMoved, options);
    element.addEventListener('keydown', (event) => moveByKey(event, drawing, fitting), options);
    element.addEventListener(
      'pointerdown',
      (event) => {
        if (event.pointerType === 'touch')
          finger = { id: event.pointerId, x: event.clientX, y: event.clientY };
      },
      options,
    );
    element.addEventListener(
      'pointermove',
      (event) => {
        if (finger?.id !== event.pointerId) return;
        onMoved();
        drawing.pan(event.clientX - finger.x, event.clientY - finger.y);
        finger = { id: event.pointerId, x: event.clientX, y: event.clientY };
      },
      options,
    );
    for (const end of ['pointerup', 'pointercancel'] as const) {
      element.addEventListener(end, () => (finger = null), options);
    }
    return () => listening.abort();
  }, [drawing, container, fitting]);
}
