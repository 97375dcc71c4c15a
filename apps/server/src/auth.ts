import type { Database } from '@processflow/db';
import { betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import type { Kysely } from 'kysely';

import { SOMETHING_WENT_WRONG } from './refusal.ts';
import { nameInput } from './texts.ts';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/**
 * The header that tells better-auth the address a request came from. The HTTP front sets it, replacing whatever a
 * client sent, so that nobody escapes the limit on sign-ins by making addresses up.
 */
export const CLIENT_ADDRESS_HEADER = 'x-processflow-client-address';

export interface AuthOptions {
  db: Kysely<Database>;
  secret: string;
  /** Where browsers reach the app, such as `https://flow.example.com`. */
  baseUrl: string;
  /** Origins besides `baseUrl` that may send sign-ins; a function when they depend on the request. */
  trustedOrigins?: string[] | ((request?: Request) => string[] | Promise<string[]>);
  /** False only in tests, which sign in more often than people do. Default true. */
  rateLimit?: boolean;
  /** Told what better-auth reports; never carries credentials. */
  onLog?: (level: string, message: string) => void;
}

export type Auth = ReturnType<typeof createAuth>;

/**
 * All that is reached from outside. The rest of better-auth's endpoints is for what is not set up here, and each
 * call of theirs would be a line in the log.
 */
const served = new Set(
  ['sign-up/email', 'sign-in/email', 'sign-out', 'get-session', 'change-password', 'update-user'].map(
    (path) => `/api/auth/${path}`,
  ),
);

/** Email and password sign-in under `/api/auth`, over our own tables. */
export function createAuth(options: AuthOptions) {
  const auth = betterAuth(authOptions(options));
  const handler = async (request: Request): Promise<Response> => {
    if (!served.has(new URL(request.url).pathname)) {
      return Response.json({ message: 'There is nothing here.' }, { status: 404 });
    }
    try {
      return await auth.handler(request);
    } catch (error) {
      options.onLog?.('error', messageOf(error));
      return Response.json({ message: SOMETHING_WENT_WRONG }, { status: 500 });
    }
  };
  return { ...auth, handler };
}

/** The configuration itself, which a test compares with the migrated tables. */
export function authOptions({ db, secret, baseUrl, trustedOrigins, rateLimit = true, onLog }: AuthOptions) {
  const times = { createdAt: 'created_at', updatedAt: 'updated_at' };
  return {
    appName: 'ProcessFlow',
    baseURL: baseUrl,
    basePath: '/api/auth',
    secret,
    ...(trustedOrigins === undefined ? {} : { trustedOrigins: trustedOrigins }),
    database: { db, type: 'postgres' as const },
    telemetry: { enabled: false },
    logger: {
      level: 'error' as const,
      // Further arguments may hold rows or request bodies, so they are left out.
      log: (level: string, message: string) => onLog?.(level, message),
    },
    // Otherwise what fails is printed whole, and PostgreSQL's details quote the row, token and all.
    onAPIError: { throw: true },
    emailAndPassword: { enabled: true, minPasswordLength: 8, autoSignIn: true },
    user: { modelName: 'profile', fields: { emailVerified: 'email_verified', ...times } },
    session: {
      modelName: 'session',
      fields: {
        userId: 'profile_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        ...times,
      },
      expiresIn: 7 * DAY,
      updateAge: DAY,
      cookieCache: { enabled: false },
    },
    account: {
      modelName: 'account',
      fields: {
        userId: 'profile_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        ...times,
      },
    },
    verification: { modelName: 'verification', fields: { expiresAt: 'expires_at', ...times } },
    rateLimit: {
      enabled: rateLimit,
      window: MINUTE,
      max: 300,
      customRules: {
        '/sign-in/email': { window: MINUTE, max: 60 },
        '/sign-up/email': { window: MINUTE, max: 30 },
        '/change-password': { window: MINUTE, max: 10 },
      },
    },
    databaseHooks: {
      user: { create: { before: checked }, update: { before: checked } },
    },
    advanced: {
      database: { generateId: 'uuid' as const },
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
      cookiePrefix: 'processflow',
      useSecureCookies: baseUrl.startsWith('https:'),
      // Said, because better-auth leaves these checks out where it thinks it is being tested.
      disableOriginCheck: false,
      disableCSRFCheck: false,
    },
  };
}

/**
 * People's names stand on everybody's screens, so they keep to the rules of other names. A picture would be read
 * with every session, whatever its size, and shown nowhere.
 */
async function checked<User extends { name?: unknown; image?: unknown }>(user: User) {
  if (user.image !== undefined && user.image !== null) {
    throw new APIError('BAD_REQUEST', { message: 'Pictures of people are not kept here.' });
  }
  if (user.name === undefined) return;
  const name = personName.safeParse(user.name);
  if (!name.success) {
    throw new APIError('BAD_REQUEST', { message: name.error.issues[0]?.message ?? 'Give your name.' });
  }
  return { data: { ...user, name: name.data } };
}

const personName = nameInput('yourself');

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no error was thrown';
}
