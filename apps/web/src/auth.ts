/** The person who is signed in. */
export interface Profile {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly emailVerified: boolean;
}

/** Why sign-in, sign-up or a change of password did not work, in words for people. */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface AuthApi {
  /** Who is signed in; null: nobody. */
  whoAmI(): Promise<Profile | null>;
  signIn(input: { email: string; password: string }): Promise<Profile>;
  signUp(input: { name: string; email: string; password: string }): Promise<Profile>;
  signOut(): Promise<void>;
  changePassword(input: { currentPassword: string; newPassword: string }): Promise<void>;
}

const MESSAGES: Readonly<Record<string, string>> = {
  OFFLINE: 'The server cannot be reached. Try again when the connection is back.',
  INVALID_EMAIL_OR_PASSWORD: 'Email or password is wrong.',
  INVALID_EMAIL: 'This is not an email address.',
  USER_ALREADY_EXISTS: 'Someone has signed up with this address already. Sign in instead.',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: 'Someone has signed up with this address already. Sign in instead.',
  PASSWORD_TOO_SHORT: 'The password needs at least 8 characters.',
  PASSWORD_TOO_LONG: 'The password is too long.',
  INVALID_PASSWORD: 'The current password is wrong.',
  TOO_MANY_REQUESTS: 'Too many attempts. Wait a minute, then try again.',
  UNAUTHORIZED: 'You are signed out. Sign in again to go on.',
};

/** better-auth's own endpoints, with its errors in words. */
export function createAuthApi(send: typeof fetch = (...args) => fetch(...args)): AuthApi {
  async function call(path: string, body?: object): Promise<unknown> {
    let response: Response;
    try {
      response = await send(`/api/auth${path}`, {
        credentials: 'same-origin',
        ...(body && {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      });
    } catch (cause) {
      throw new AuthError('OFFLINE', MESSAGES['OFFLINE'] ?? '', { cause });
    }
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer;
    throw authError(response.status, answer);
  }

  return {
    whoAmI: async () => profileOf(await call('/get-session')),
    signIn: async (input) => profileOrThrow(await call('/sign-in/email', input)),
    signUp: async (input) => profileOrThrow(await call('/sign-up/email', input)),
    signOut: async () => void (await call('/sign-out', {})),
    changePassword: async (input) =>
      void (await call('/change-password', { ...input, revokeOtherSessions: true })),
  };
}

function authError(status: number, answer: unknown): AuthError {
  const known = status === 429 ? 'TOO_MANY_REQUESTS' : status === 401 ? 'UNAUTHORIZED' : 'UNEXPECTED';
  const { code = known, message } = fieldsOf(answer);
  const words = typeof code === 'string' ? MESSAGES[code] : undefined;
  const theirs =
    typeof message === 'string' && message ? message : `The server answered with status ${status}.`;
  return new AuthError(String(code), words ?? theirs);
}

function profileOrThrow(answer: unknown): Profile {
  const profile = profileOf(answer);
  if (!profile) throw new AuthError('UNEXPECTED', 'The server did not say who signed in. Try again.');
  return profile;
}

function profileOf(answer: unknown): Profile | null {
  const { id, name, email, emailVerified } = fieldsOf(fieldsOf(answer)['user']);
  if (typeof id !== 'string' || typeof name !== 'string' || typeof email !== 'string') return null;
  return { id, name, email, emailVerified: emailVerified === true };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
