import { useEffect, useMemo, useRef, type RefObject } from 'react';

import type { Drawing } from './drawing.ts';

export interface Fitting {
  /** From now on the person moves the drawing. */
  release(): void;
  fitAll(): void;
}

/** Fits the drawing when it appears and when its space changes, until the person moves it. */
export function useFitting(
  drawing: Drawing | null,
  container: RefObject<HTMLDivElement | null>,
  focus: string | null,
  hidden: boolean,
): Fitting {
  const released = useRef(false);
  const latestFocus = useRef(focus);
  useEffect(() => {
    latestFocus.current = focus;
  });
  useEffect(() => {
    if (!drawing || !container.current || hidden) return undefined;
    released.current = false;
    drawing.fit(latestFocus.current);
    const observer = new ResizeObserver(() => {
      if (!released.current) drawing.fit(latestFocus.current);
    });
    observer.observe(container.current);
    return () => observer.disconnect();
  }, [drawing, container, hidden]);
  return useMemo(
    () => ({
      release: () => {
        released.current = true;
      },
      fitAll: () => {
        released.current = false;
        latestFocus.current = null;
        drawing?.fit(null);
      },
    }),
    [drawing],
  );
}
