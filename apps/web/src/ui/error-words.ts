/** An error as a person can use it. */
export interface ErrorWords {
  /** What happened, in a few words. */
  readonly title: string;
  /** What was kept and what to do. */
  readonly text: string;
  /** The server's code; `OFFLINE` when no answer came. */
  readonly code: string;
  /** A rule of the domain that said no, with its details. */
  readonly refusal: Refusal | null;
}

export interface Refusal {
  readonly code: string;
  readonly [detail: string]: unknown;
}

const WORDS: Readonly<Record<string, { title: string; text?: string }>> = {
  OFFLINE: {
    title: 'The server cannot be reached',
    text: 'What you see and what you entered is kept. Try again when the connection is back.',
  },
  UNAUTHORIZED: { title: 'You are signed out', text: 'What you entered is kept. Sign in again to go on.' },
  FORBIDDEN: { title: 'You may not do this' },
  NOT_FOUND: { title: 'This is not there any more' },
  BAD_REQUEST: { title: 'That did not work' },
  CONFLICT: { title: 'Not possible as things stand' },
  PRECONDITION_FAILED: { title: 'Not possible as things stand' },
  PAYLOAD_TOO_LARGE: { title: 'That is too large' },
  TOO_MANY_REQUESTS: { title: 'Too many attempts', text: 'Wait a moment, then try again.' },
};

/** Titles that say more than the code does. */
const REFUSED: Readonly<Record<string, string>> = {
  'name-taken': 'The name is taken',
  'already-member': 'A member already',
  'already-deployed': 'Deployed already',
};

const FINAL = ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'BAD_REQUEST', 'CONFLICT', 'PRECONDITION_FAILED'];

const UNEXPECTED = {
  title: 'Something went wrong',
  text: 'Nothing of yours was lost. Try again; if it stays, tell whoever runs this server.',
};

/** Says what an error of a query, a mutation or of sign-in means to a person. */
export function errorWords(error: unknown): ErrorWords {
  const data = propertyOf(error, 'data');
  const code = codeOf(error, data);
  const refusal = refusalOf(propertyOf(data, 'refusal'));
  const message = propertyOf(error, 'message');
  const words = WORDS[code] ?? UNEXPECTED;
  const own =
    code in WORDS && code !== 'OFFLINE' && typeof message === 'string' && message !== code ? message : '';
  const title = (refusal && REFUSED[refusal.code]) ?? words.title;
  return { title, text: own || (words.text ?? ''), code, refusal };
}

/** True for an answer that asking again does not change. */
export function isFinal(error: unknown): boolean {
  return FINAL.includes(errorWords(error).code);
}

function codeOf(error: unknown, data: unknown): string {
  const code = propertyOf(data, 'code');
  if (typeof code === 'string') return code;
  // fetch itself failed, or something in between answered in the server's place.
  const isTransport = error instanceof TypeError || propertyOf(error, 'name') === 'TRPCClientError';
  return isTransport ? 'OFFLINE' : 'UNEXPECTED';
}

function refusalOf(value: unknown): Refusal | null {
  return typeof propertyOf(value, 'code') === 'string' ? (value as Refusal) : null;
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
