export type DatabaseErrorCode =
  | 'already-running'
  | 'unsupported-platform'
  | 'needs-unprivileged-user'
  | 'data-not-usable'
  | 'cannot-start'
  | 'unreachable'
  | 'too-old'
  | 'foreign-tables'
  | 'newer-history'
  | 'migration-failed'
  | 'bad-migration'
  | 'differs';

/** What is wrong with the database or its surroundings; `message` tells a person what to do about it. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}
