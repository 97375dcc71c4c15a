import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { SettingsError, SHORTEST_SECRET } from './env.ts';

/** The key that session cookies are signed with: made once, readable by its owner only. */
export function keptSecret(dataDir: string): string {
  const path = join(dataDir, 'auth-secret');
  try {
    // Of two that start at once, the second reads what the first has written.
    writeFileSync(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const secret = readFileSync(path, 'utf8').trim();
  // A full disk or a crash leaves an empty file, and better-auth would sign with a key that everybody knows.
  if (secret.length < SHORTEST_SECRET) {
    throw new SettingsError(
      `The secret in ${path} is shorter than ${SHORTEST_SECRET} characters. ` +
        'Delete the file to have one made; everybody will have to sign in again.',
    );
  }
  return secret;
}
