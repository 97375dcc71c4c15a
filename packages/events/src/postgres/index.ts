export { checkChannels } from './check.ts';
export type { CheckChannelsOptions } from './check.ts';
export { readAllowedValues } from './check-allowed-values.ts';
export type { AllowedValues } from './check-allowed-values.ts';
export { readColumnTypes } from './check-column-types.ts';
export { describeDifferences, DIFFERENCE_KINDS } from './check-difference.ts';
export type { Difference, DifferenceKind, Repair } from './check-difference.ts';
export { createDecoder } from './decode.ts';
export { listenForChanges } from './listen-for-changes.ts';
export type { ChangeListener, ListenForChangesOptions } from './listen-for-changes.ts';
export { listen } from './listener.ts';
export type { Listener, ListenerState, ListenOptions } from './listener.ts';
export { migrationSource } from './migration-source.ts';
export type { MigrationSource } from './migration-source.ts';
export {
  createChangeEvents,
  createChangeTriggers,
  dropChangeEvents,
  dropChangeTriggers,
} from './triggers.ts';
