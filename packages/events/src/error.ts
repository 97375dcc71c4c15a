/**
 * Every code an {@link EventsError} can have; docs/errors.md says what causes each and how it is cured.
 *
 * @example
 * const known: ReadonlySet<string> = new Set(EVENTS_ERROR_CODES);
 */
export const EVENTS_ERROR_CODES = [
  'bad-definition',
  'bad-table',
  'bad-payload',
  'unknown-channel',
  'cannot-listen',
  'bad-viewers',
  'bad-batch',
  'no-provider',
  'not-heard',
  'heard-more',
  'nobody-listens',
] as const;

export type EventsErrorCode = (typeof EVENTS_ERROR_CODES)[number];

/**
 * The kit's one error class: `code` is for programs, `message` says what is wrong, where, and what to do.
 *
 * @example
 * try {
 *   await createChangeTriggers(db, 'role_changes', channels.role_changes);
 * } catch (error) {
 *   if (error instanceof EventsError && error.code === 'bad-table') console.error(error.message);
 *   else throw error;
 * }
 */
export class EventsError extends Error {
  override readonly name = 'EventsError';
  readonly code: EventsErrorCode;

  constructor(code: EventsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
