import { createHash, randomBytes } from 'node:crypto';

/** A one-time link's secret: told to the inviter once, kept only as its hash. */
export function createSecret(): { secret: string; hash: string } {
  const secret = randomBytes(32).toString('base64url');
  return { secret, hash: hashSecret(secret) };
}

/** SHA-256 is enough: 256 random bits cannot be guessed, so there is nothing to slow down. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
