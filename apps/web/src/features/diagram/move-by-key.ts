import type { Drawing } from './drawing.ts';
import type { Fitting } from './use-fitting.ts';

const STEP = 60;
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [STEP, 0],
  ArrowRight: [-STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};

/** Arrows move, + and - zoom, 0 fits: only while the drawing itself has the focus. */
export function moveByKey(event: KeyboardEvent, drawing: Drawing, fitting: Fitting) {
  if (!(event.target instanceof SVGElement) || event.ctrlKey || event.metaKey || event.altKey) return;
  const move = MOVES[event.key];
  if (move) {
    fitting.release();
    drawing.pan(...move);
  } else if (event.key === '+' || event.key === '=') {
    fitting.release();
    drawing.zoomBy(1.25);
  } else if (event.key === '-') {
    fitting.release();
    drawing.zoomBy(0.8);
  } else if (event.key === '0') {
    fitting.fitAll();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}
