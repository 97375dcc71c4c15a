import type { Box } from 'bpmn-js/lib/NavigatedViewer.js';

const READABLE_SCALE = 0.5;
const LARGEST_SCALE = 1.1;
/** Room for badges above, controls at the right, and the drawing tool's mark, which nothing may cover, below. */
const WIDE = { top: 36, right: 56, bottom: 52, left: 24 };
const NARROW = 560;
const TIGHT = { ...WIDE, right: 16, left: 16 };

/** Then the controls stand above the drawing, as there is no room beside it. */
export const isNarrow = (width: number) => width <= NARROW;

const marginAt = (width: number) => (isNarrow(width) ? TIGHT : WIDE);

/** The part of the plane to show: all of it with a margin, never larger than life, or readably around a place. */
export function fitBox(inner: Box, outer: { width: number; height: number }, focus: Box | null): Box {
  const margin = marginAt(outer.width);
  // The margins are the screen's, not the drawing's: they do not shrink with it.
  const free = {
    width: Math.max(1, outer.width - margin.left - margin.right),
    height: Math.max(1, outer.height - margin.top - margin.bottom),
  };
  const whole = Math.min(LARGEST_SCALE, free.width / inner.width, free.height / inner.height);
  const close = focus !== null && whole < READABLE_SCALE;
  const scale = close ? READABLE_SCALE : whole;
  const place = close ? focus : inner;
  const x = along(inner.x, inner.width, place.x + place.width / 2, free.width / scale);
  const y = along(inner.y, inner.height, place.y + place.height / 2, free.height / scale);
  return {
    x: x - margin.left / scale,
    y: y - margin.top / scale,
    width: outer.width / scale,
    height: outer.height / scale,
  };
}

/** Where a window of this length begins to have `centre` in its middle, as far as it need not leave the drawing. */
function along(start: number, length: number, centre: number, window: number): number {
  if (window >= length) return start + length / 2 - window / 2;
  return Math.min(start + length - window, Math.max(start, centre - window / 2));
}

/** The height that a drawing of this size needs when it is as wide as the space allows. */
export function heightFor(size: { width: number; height: number }, width: number): number {
  const margin = marginAt(width);
  const scale = Math.min(LARGEST_SCALE, Math.max(1, width - margin.left - margin.right) / size.width);
  return Math.round(size.height * scale + margin.top + margin.bottom);
}
