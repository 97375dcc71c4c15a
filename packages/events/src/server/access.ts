import type { AnyChangeEvent } from '../event.ts';

/**
 * Why a stream ends for good: thrown by it, or given by `load` for a viewer who may hear nothing.
 *
 * @example
 * const load: LoadViewers<string, string> = async (userIds) =>
 *   userIds.map((userId) => userId || new Revocation('UNAUTHORIZED', 'Sign in to hear what changes.'));
 */
export class Revocation extends Error {
  override readonly name = 'Revocation';
  /** `UNAUTHORIZED`: nobody is signed in on this stream any more. `FORBIDDEN`: what it named is no longer theirs. */
  readonly code: 'UNAUTHORIZED' | 'FORBIDDEN';

  constructor(code: 'UNAUTHORIZED' | 'FORBIDDEN', message: string) {
    super(message);
    this.code = code;
  }
}

/** The application's rules of who may hear what, as pure functions over its own notion of a viewer. */
export interface Access<Viewer, Event extends AnyChangeEvent> {
  /** The channels whose events grant or withdraw topics. */
  readonly channels: ReadonlySet<string>;
  /** Every topic the viewer may hear, and those by which events that change the viewer find it. */
  topics(viewer: Viewer): Iterable<string>;
  /** When the viewer's session ends by itself, in milliseconds since 1970. */
  expiresAt(viewer: Viewer): number;
  /** What its streams are told then. Default: that the session has expired. */
  expired?(viewer: Viewer): Revocation;
  /** What is left to the viewer after the event; the same object when nothing is taken. */
  narrow(viewer: Viewer, event: Event): Viewer | Revocation;
  /** What the viewer has gained by the event; `'reload'` when the event does not say. */
  widen(viewer: Viewer, event: Event): Viewer | 'reload';
  /**
   * Whether an event of `channels` that came while a stream was away may have changed what this viewer, as they are
   * now, could hear meanwhile: its stream starts over then. Default: every one that is addressed to them.
   */
  concerns?(viewer: Viewer, event: Event): boolean;
}

/**
 * Reads viewers afresh, all from one snapshot of the database. The answer's order is the question's. Any other error
 * in the place of a viewer is reported, and that viewer alone read again after a pause; so is everybody asked for when
 * the promise rejects or there are not as many answers as questions.
 */
export type LoadViewers<Key, Viewer> = (
  keys: readonly Key[],
) => Promise<readonly (Viewer | Revocation | Error)[]>;
