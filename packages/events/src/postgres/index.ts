export { readColumnTypes } from './check-column-types.ts';
export { createDecoder } from './decode.ts';
export { listenForChanges } from './listen-for-changes.ts';
export type { ChangeSink, ListenForChangesOptions } from './listen-for-changes.ts';
export { listen } from './listener.ts';
export type { Listener, ListenerState, ListenOptions } from './listener.ts';
export {
  createChangeEvents,
  createChangeTriggers,
  dropChangeEvents,
  dropChangeTriggers,
} from './triggers.ts';
