import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import NavigatedViewer, { type Box, type DiagramElement } from 'bpmn-js/lib/NavigatedViewer.js';

import { badgePlace } from './badge-place.ts';
import { fitBox } from './fit-box.ts';

/** A drawn model. This file is loaded only when a diagram is shown: bpmn-js is most of the app's weight. */
export interface Drawing {
  has(elementId: string): boolean;
  /** Shows everything, or the place around `focus` where everything would be too small to read. */
  fit(focus: string | null): void;
  zoomBy(factor: number): void;
  pan(dx: number, dy: number): void;
  /** Gives the named elements these CSS classes, and takes away the ones given before. */
  setClasses(classes: ReadonlyMap<string, readonly string[]>): void;
  /** Hangs these on their elements, and takes down the ones hung before. */
  setBadges(badges: ReadonlyMap<string, HTMLElement>): void;
  destroy(): void;
}

const BADGE = 'pf-badge';
/** Below this a badge has room for its icon only. */
const SMALL = 0.48;

/** Draws the model into the container; null when it holds no picture. Rejects with the reason it cannot be read. */
export async function draw(
  container: HTMLElement,
  xml: string,
  onClick: (elementId: string) => void,
): Promise<Drawing | null> {
  const viewer = new NavigatedViewer({ container, keyboard: { bind: false } });
  try {
    await viewer.importXML(xml);
  } catch (error) {
    viewer.destroy();
    if (error instanceof Error && error.message === 'no diagram to display') return null;
    throw error;
  }
  if (viewer.get('elementRegistry').getAll().length <= 1) {
    viewer.destroy();
    return null;
  }
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const overlays = viewer.get('overlays');
  viewer.on('element.click', ({ element }) => onClick(element.id.replace(/_label$/, '')));
  viewer.on('canvas.viewbox.changed', ({ viewbox }) => {
    container.toggleAttribute('data-small', viewbox.scale < SMALL);
  });
  const labels = registry.getAll().flatMap((each) => (isLabel(each) && isBox(each) ? [each] : []));
  let given: ReadonlyMap<string, readonly string[]> = new Map();

  return {
    has: (elementId) => registry.get(elementId) !== undefined,
    fit(focus) {
      canvas.resized();
      const { inner, outer } = canvas.viewbox();
      if (outer.width === 0 || outer.height === 0 || inner.width === 0) return;
      const element = focus === null ? undefined : registry.get(focus);
      canvas.viewbox(fitBox(inner, outer, element && isBox(element) ? element : null));
    },
    zoomBy(factor) {
      canvas.zoom(Math.min(4, Math.max(0.15, canvas.zoom() * factor)));
    },
    pan(dx, dy) {
      canvas.scroll({ dx, dy });
    },
    setClasses(classes) {
      for (const [id, names] of given) for (const name of names) canvas.removeMarker(id, name);
      given = new Map([...classes].filter(([id]) => registry.get(id)));
      for (const [id, names] of given) for (const name of names) canvas.addMarker(id, name);
    },
    setBadges(badges) {
      overlays.remove({ type: BADGE });
      const taken: Box[] = [...labels];
      for (const [id, html] of badges) {
        const element = registry.get(id);
        if (!element) continue;
        // A flow's badge hangs where its line begins to take room; there are no corners to choose from.
        const { corner, box } = isBox(element)
          ? badgePlace(element, taken)
          : { corner: 'top left', box: null };
        if (box) taken.push(box);
        html.dataset['corner'] = corner;
        const position = {
          ...(corner.startsWith('top') ? { top: 0 } : { bottom: 0 }),
          ...(corner.endsWith('left') ? { left: 0 } : { right: 0 }),
        };
        overlays.add(id, BADGE, { position, html, scale: { min: 0.75, max: 1.2 } });
      }
    },
    destroy: () => viewer.destroy(),
  };
}

function isLabel(element: DiagramElement): boolean {
  return element.labelTarget !== undefined;
}

function isBox(element: Partial<Box>): element is Box {
  return element.x !== undefined && element.width !== undefined;
}
