export { applyChanges, notStarted } from './changes.ts';
export { EngineError, type EngineErrorCode } from './errors.ts';
export { taskForm } from './form.ts';
export { MAX_XML_LENGTH } from './limits.ts';
export { performers } from './performers.ts';
export { readModel } from './read-model.ts';
export { step } from './step.ts';
export type * from './types.ts';
export { checkVariables } from './variables.ts';
