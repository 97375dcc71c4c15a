import type { Box } from 'bpmn-js/lib/NavigatedViewer.js';

const READABLE_SCALE = 0.6;
const LARGEST_SCALE = 1.1;
const PADDING = 32;

/** The part of the plane to show: all of it with a margin, never larger than life, or readably around a place. */
export function fitBox(inner: Box, outer: { width: number; height: number }, focus: Box | null): Box {
  const scale = Math.min(
    LARGEST_SCALE,
    outer.width / (inner.width + 2 * PADDING),
    outer.height / (inner.height + 2 * PADDING),
  );
  const close = focus !== null && scale < READABLE_SCALE;
  const centre = close ? focus : inner;
  const width = outer.width / (close ? READABLE_SCALE : scale);
  const height = outer.height / (close ? READABLE_SCALE : scale);
  return {
    x: centre.x + centre.width / 2 - width / 2,
    y: centre.y + centre.height / 2 - height / 2,
    width,
    height,
  };
}
