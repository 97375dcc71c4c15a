import type { Database } from '@processflow/db';
import { TRPCError } from '@trpc/server';
import type { Kysely } from 'kysely';

import type { Auth } from './auth.ts';
import { createModelCache, type ModelCache } from './model/cache.ts';
import type { Admission } from './realtime/limits.ts';
import type { ProbeEar } from './realtime/probe-ear.ts';
import type { RealtimeHub } from './realtime/realtime.ts';
import type { ViewerKey } from './realtime/viewer.ts';
import type { Turns } from './realtime/why/turns.ts';
import { BadToken, bearerOf, readBearer, type TokenScope } from './token/bearer.ts';

/** What the server's procedures work with; made once, by the composition root. */
export interface Services {
  db: Kysely<Database>;
  auth: Auth;
  hub: RealtimeHub;
  probeEar: ProbeEar;
  whyTurns: Turns;
}

export interface Profile {
  id: string;
  name: string;
  email: string;
  emailVerified: boolean;
}

/**
 * One request's surroundings. With neither `session` nor `token`, `profile` is null: nobody is signed in. With a
 * token, `profile` is the owner whom it acts for.
 */
export interface Context extends Services {
  models: ModelCache;
  headers: Headers;
  session: { id: string; expiresAt: Date } | null;
  token: TokenScope | null;
  profile: Profile | null;
  /** Of a request that opens a stream: what its viewer has to pass as well. */
  admission: Admission | null;
}

/** The parts of node's request and response that a context needs; the standalone adapter passes both. */
export interface ContextRequest {
  req: { headers: Readonly<Record<string, string | string[] | undefined>> };
  res: { headersSent: boolean; appendHeader(name: string, value: string): unknown };
  admission?: Admission | null;
}

/**
 * Makes the function that tells each request's context: who it comes from follows from its API token, or else from
 * its cookie, alone. A session that better-auth extends meanwhile is told to the browser by `Set-Cookie`.
 */
export function createContext(services: Services): (request: ContextRequest) => Promise<Context> {
  const models = createModelCache();
  return async ({ req, res, admission = null }) => {
    const headers = toHeaders(req.headers);
    const { signedIn, setCookies } = await identify(services, headers).catch((error: unknown) => {
      if (!(error instanceof BadToken)) throw error;
      throw new TRPCError({ code: error.code, message: error.message, cause: error });
    });
    if (!res.headersSent) for (const cookie of setCookies) res.appendHeader('set-cookie', cookie);
    return { ...services, models, headers, admission, ...(signedIn ?? NOBODY) };
  };
}

/** A context without a request: for the demo's seed and for tests. */
export function contextFor(
  services: Services,
  profile: Profile | null,
  token: TokenScope | null = null,
): Context {
  const isPerson = profile !== null && token === null;
  return {
    ...services,
    models: createModelCache(),
    headers: new Headers(),
    session: isPerson ? { id: profile.id, expiresAt: new Date(8.64e15) } : null,
    token,
    profile,
    admission: null,
  };
}

/** Who a request comes from: a person with a session, or a program with a token. */
type SignedIn = Pick<Context, 'session' | 'token'> & { profile: Profile };

const NOBODY = { session: null, token: null, profile: null };

interface Identified {
  signedIn: SignedIn | null;
  /** To be sent back when the session was extended. */
  setCookies: string[];
}

/** Who these headers speak for. A token that opens nothing throws {@link BadToken}, whatever the cookie says. */
export async function identify({ db, auth }: Services, headers: Headers): Promise<Identified> {
  const token = bearerOf(headers);
  if (token === undefined) return readSession(auth, headers);
  return { signedIn: { session: null, ...(await readBearer(db, token)) }, setCookies: [] };
}

/** By what the streams of this request hear; null when nobody is signed in. */
export function viewerKeyOf({
  session,
  token,
  profile,
}: Pick<Context, 'session' | 'token' | 'profile'>): ViewerKey | null {
  if (profile === null) return null;
  if (token !== null) return { profileId: profile.id, token };
  return session === null ? null : { profileId: profile.id, sessionId: session.id };
}

/** Who the cookie of these headers belongs to. */
export async function readSession(auth: Auth, headers: Headers): Promise<Identified> {
  if (!headers.has('cookie')) return { signedIn: null, setCookies: [] };
  const { response, headers: answered } = await auth.api.getSession({ headers, returnHeaders: true });
  const setCookies = answered.getSetCookie();
  if (response === null) return { signedIn: null, setCookies };
  const { session, user } = response;
  return {
    signedIn: {
      session: { id: session.id, expiresAt: session.expiresAt },
      token: null,
      profile: { id: user.id, name: user.name, email: user.email, emailVerified: user.emailVerified },
    },
    setCookies,
  };
}

export function toHeaders(incoming: ContextRequest['req']['headers']): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming)) {
    if (value === undefined || name.startsWith(':')) continue;
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one);
  }
  return headers;
}
