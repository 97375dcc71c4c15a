import type { Box } from 'bpmn-js/lib/NavigatedViewer.js';

const READABLE_SCALE = 0.6;
const LARGEST_SCALE = 1.1;
const PADDING = 32;

/** The part of the plane to show: all of it with a margin, never larger than life, or readably around a place. */
export function fitBox(inner: Box, outer: { width: number; height: number }, focus: Box | null): Box {
  const whole = Math.min(
    LARGEST_SCALE,
    outer.width / (inner.width + 2 * PADDING),
    outer.height / (inner.height + 2 * PADDING),
  );
  const close = focus !== null && whole < READABLE_SCALE;
  const scale = close ? READABLE_SCALE : whole;
  const width = outer.width / scale;
  const height = outer.height / scale;
  const place = close ? focus : inner;
  return {
    x: along(inner.x, inner.width, place.x + place.width / 2, width),
    y: along(inner.y, inner.height, place.y + place.height / 2, height),
    width,
    height,
  };
}

/** Where a window of this length begins to have `centre` in its middle, as far as it need not leave the drawing. */
function along(start: number, length: number, centre: number, window: number): number {
  if (window >= length + 2 * PADDING) return start + length / 2 - window / 2;
  const last = start + length + PADDING - window;
  return Math.min(last, Math.max(start - PADDING, centre - window / 2));
}

/** Width to height of the space in which a drawing of this size and its margin just fit. */
export function aspectOf(size: { width: number; height: number }): number {
  return (size.width + 2 * PADDING) / (size.height + 2 * PADDING);
}
