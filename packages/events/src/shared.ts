export { sharedSource } from './live/shared-source.ts';
export type { SharedSource, SharedSourceOptions } from './live/shared-source.ts';
export { shareStream } from './live/shared-worker.ts';
export type { SharedStream, ShareStreamOptions } from './live/shared-worker.ts';
export { trpcSource } from './live/source.ts';
