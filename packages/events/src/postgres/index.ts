export { createChangeEvents, createChangeTriggers, dropChangeEvents, dropChangeTriggers } from './triggers.ts';
