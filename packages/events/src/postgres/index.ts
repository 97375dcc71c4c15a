export { createDecoder } from './decode.ts';
export { listen } from './listener.ts';
export type { Listener, ListenerState, ListenOptions } from './listener.ts';
export {
  createChangeEvents,
  createChangeTriggers,
  dropChangeEvents,
  dropChangeTriggers,
} from './triggers.ts';
