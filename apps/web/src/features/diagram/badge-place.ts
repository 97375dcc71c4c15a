import type { Box } from 'bpmn-js/lib/NavigatedViewer.js';

export type Corner = 'top left' | 'top right' | 'bottom left' | 'bottom right';

/** A badge with nothing but its icon, and how far it reaches out over the corner it hangs on; in the drawing's units. */
const BADGE = 20;
const OUTWARD = { x: 8, y: 14 };
const CORNERS: readonly Corner[] = ['top left', 'top right', 'bottom right', 'bottom left'];

export interface BadgePlace {
  readonly corner: Corner;
  /** What the badge covers there. */
  readonly box: Box;
}

/** The corner of an element where a badge covers none of these: labels, and the badges of others. */
export function badgePlace(element: Box, taken: readonly Box[]): BadgePlace {
  const places = CORNERS.map((corner) => ({ corner, box: boxAt(element, corner) }));
  const free = places.find(({ box }) => !taken.some((other) => overlap(box, other)));
  return free ?? { corner: 'top left', box: boxAt(element, 'top left') };
}

function boxAt({ x, y, width, height }: Box, corner: Corner): Box {
  return {
    x: corner.endsWith('left') ? x - OUTWARD.x : x + width + OUTWARD.x - BADGE,
    y: corner.startsWith('top') ? y - OUTWARD.y : y + height + OUTWARD.y - BADGE,
    width: BADGE,
    height: BADGE,
  };
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
