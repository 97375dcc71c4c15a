import { createChunk } from '../../ui/chunk.ts';

/** bpmn-js, which is most of the app's weight. */
export const drawingChunk = createChunk(async () => (await import('./drawing.ts')).draw);
