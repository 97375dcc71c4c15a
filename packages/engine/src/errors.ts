export type EngineErrorCode = 'unknown-element' | 'unknown-flow' | 'unknown-number';

/** A bug in the caller: a model and a state that do not belong together. Rule violations are values instead. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, subject: string | number) {
    super(`${code}: ${subject}`);
    this.name = 'EngineError';
    this.code = code;
  }
}
