import type { Problem, Rejection, RejectionCode } from '@processflow/engine';
import { TRPCError } from '@trpc/server';

/** What a refusal tells the client besides its sentence; it arrives as `error.data.refusal`. */
export type RefusalDetails =
  /** Someone else (`by` is their name) has claimed the task. `at`: ISO 8601. */
  | { code: 'taken'; by: string | null; at: string | null }
  /** Completed by someone (`by`), or cancelled (`by` is null). */
  | { code: 'already-done'; by: string | null; at: string | null }
  | { code: 'bad-variable'; field: string | null; message: string }
  | { code: 'not-deployable'; problems: Problem[] }
  | { code: 'performers-unassigned'; performers: string[] }
  | { code: 'role-in-use'; openTasks: number; models: string[] }
  | { code: PlainCode };

type PlainCode =
  | 'not-found'
  | 'not-a-member'
  | 'page-closed'
  | 'owners-only'
  | 'last-owner'
  | 'name-differs'
  | 'name-taken'
  | 'already-member'
  | 'invitation-used'
  | 'invitation-declined'
  | 'invitation-revoked'
  | 'invitation-expired'
  | 'email-unverified'
  | 'unreadable-xml'
  | 'already-deployed'
  | 'not-deployed'
  | 'has-instances'
  | 'not-yours'
  | 'too-many-tokens'
  | 'token-refused'
  | Exclude<RejectionCode, 'bad-variable'>;

export type RefusalCode = RefusalDetails['code'];

/** All that a client is told of an error nobody expected; the rest is reported on our side. */
export const SOMETHING_WENT_WRONG = 'Something went wrong on our side. Try again in a moment.';

/** A rule of the domain says no. The message is for people: what is wrong and what they can do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly details: RefusalDetails;

  constructor(details: RefusalDetails, message: string) {
    super(message);
    this.details = details;
  }

  get code(): RefusalCode {
    return this.details.code;
  }
}

/** The same for teams that are not there: strangers learn nothing. */
export function notAMember(): Refusal {
  return new Refusal(
    { code: 'not-a-member' },
    'You are not a member of this team, or it is no longer there.',
  );
}

const trpcCodes = {
  taken: 'CONFLICT',
  'already-done': 'CONFLICT',
  'bad-variable': 'BAD_REQUEST',
  'not-deployable': 'PRECONDITION_FAILED',
  'performers-unassigned': 'PRECONDITION_FAILED',
  'role-in-use': 'PRECONDITION_FAILED',
  'not-found': 'NOT_FOUND',
  'not-a-member': 'FORBIDDEN',
  'page-closed': 'FORBIDDEN',
  'owners-only': 'FORBIDDEN',
  'last-owner': 'PRECONDITION_FAILED',
  'name-differs': 'BAD_REQUEST',
  'name-taken': 'CONFLICT',
  'already-member': 'CONFLICT',
  'invitation-used': 'PRECONDITION_FAILED',
  'invitation-declined': 'PRECONDITION_FAILED',
  'invitation-revoked': 'PRECONDITION_FAILED',
  'invitation-expired': 'PRECONDITION_FAILED',
  'email-unverified': 'FORBIDDEN',
  'unreadable-xml': 'BAD_REQUEST',
  'already-deployed': 'CONFLICT',
  'not-deployed': 'PRECONDITION_FAILED',
  'has-instances': 'PRECONDITION_FAILED',
  'not-yours': 'FORBIDDEN',
  'too-many-tokens': 'PRECONDITION_FAILED',
  'token-refused': 'FORBIDDEN',
  'not-started': 'PRECONDITION_FAILED',
  'already-started': 'PRECONDITION_FAILED',
  'not-running': 'PRECONDITION_FAILED',
  'not-open': 'PRECONDITION_FAILED',
  'not-active': 'PRECONDITION_FAILED',
  'choice-needed': 'BAD_REQUEST',
  'bad-choice': 'BAD_REQUEST',
  'nothing-to-retry': 'PRECONDITION_FAILED',
} satisfies Record<RefusalCode, TRPCError['code']>;

/** The engine's no, as the API says it. */
export function rejectionToRefusal({ code, message, field, problems }: Rejection): Refusal {
  if (code !== 'bad-variable') return new Refusal({ code }, message);
  const details = { code, field: field ?? null, message: problems?.[0]?.message ?? message };
  return new Refusal(details, message);
}

/** The one place where a refusal becomes an answer of the API. */
export function refusalToTRPC(refusal: Refusal): TRPCError {
  return new TRPCError({ code: trpcCodes[refusal.code], message: refusal.message, cause: refusal });
}
