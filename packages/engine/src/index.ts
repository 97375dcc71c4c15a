export { applyChanges, notStarted } from './changes.ts';
export { EngineError, type EngineErrorCode } from './errors.ts';
export { taskForm } from './form.ts';
export { performers } from './performers.ts';
export { readModel } from './read-model.ts';
export { step } from './step.ts';
export type * from './types.ts';
export { checkVariables } from './variables.ts';
