/**
 * The part of bpmn-js that we use. Its own types describe ES modules in a package that does not say it is one,
 * so TypeScript's Node resolution takes the default export for a namespace.
 */
declare module 'bpmn-js/lib/NavigatedViewer.js' {
  export interface Box {
    x: number;
    y: number;
    width: number;
    height: number;
  }

  export interface DiagramElement extends Partial<Box> {
    id: string;
    type: string;
    /** Of a label that stands beside what it names. */
    labelTarget?: DiagramElement;
  }

  export interface Canvas {
    viewbox(): Box & { scale: number; inner: Box; outer: { width: number; height: number } };
    viewbox(box: Box): void;
    zoom(scale: number): void;
    zoom(): number;
    scroll(delta: { dx: number; dy: number }): void;
    resized(): void;
    addMarker(elementId: string, marker: string): void;
    removeMarker(elementId: string, marker: string): void;
  }

  export interface ElementRegistry {
    get(elementId: string): DiagramElement | undefined;
    getAll(): DiagramElement[];
  }

  export interface Overlays {
    add(
      elementId: string,
      type: string,
      overlay: {
        position: { top?: number; left?: number; right?: number; bottom?: number };
        html: HTMLElement;
        scale?: boolean | { min?: number; max?: number };
      },
    ): string;
    remove(filter: { type: string }): void;
  }

  export default class NavigatedViewer {
    constructor(options: { container: HTMLElement; keyboard?: { bind: boolean } });
    importXML(xml: string): Promise<{ warnings: string[] }>;
    get(service: 'canvas'): Canvas;
    get(service: 'elementRegistry'): ElementRegistry;
    get(service: 'overlays'): Overlays;
    on(event: 'element.click', callback: (event: { element: DiagramElement }) => void): void;
    on(event: 'canvas.viewbox.changed', callback: (event: { viewbox: { scale: number } }) => void): void;
    destroy(): void;
  }
}
