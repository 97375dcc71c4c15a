import { createHash, randomBytes } from 'node:crypto';

/** What everybody recognises a token by, secret scanners among them. */
const PREFIX = 'pf_';

export interface NewToken {
  /** Told to its maker once. */
  readonly token: string;
  readonly hash: string;
  /** The last characters, by which people tell their tokens apart. */
  readonly hint: string;
}

export function createToken(): NewToken {
  const token = PREFIX + randomBytes(32).toString('base64url');
  return { token, hash: hashToken(token), hint: token.slice(-4) };
}

/** SHA-256 is enough: 256 random bits cannot be guessed, so there is nothing to slow down. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
