import type { Database } from '@processflow/db';
import type { Kysely } from 'kysely';

import type { Auth } from './auth.ts';
import { createModelCache, type ModelCache } from './model/cache.ts';
import type { RealtimeHub } from './realtime/realtime.ts';

/** What the server's procedures work with; made once, by the composition root. */
export interface Services {
  db: Kysely<Database>;
  auth: Auth;
  hub: RealtimeHub;
}

export interface Profile {
  id: string;
  name: string;
  email: string;
  emailVerified: boolean;
}

/** One request's surroundings. `session` and `profile` are null together: nobody is signed in. */
export interface Context extends Services {
  models: ModelCache;
  headers: Headers;
  session: { id: string; expiresAt: Date } | null;
  profile: Profile | null;
}

/** The parts of node's request and response that a context needs; the standalone adapter passes both. */
export interface ContextRequest {
  req: { headers: Readonly<Record<string, string | string[] | undefined>> };
  res: { headersSent: boolean; appendHeader(name: string, value: string): unknown };
}

/**
 * Makes the function that tells each request's context: who is signed in follows from its cookie alone. A session
 * that better-auth extends meanwhile is told to the browser by `Set-Cookie` on the response.
 */
export function createContext(services: Services): (request: ContextRequest) => Promise<Context> {
  const models = createModelCache();
  return async ({ req, res }) => {
    const headers = toHeaders(req.headers);
    const { session, setCookies } = await readSession(services.auth, headers);
    if (!res.headersSent) for (const cookie of setCookies) res.appendHeader('set-cookie', cookie);
    return {
      ...services,
      models,
      headers,
      session: session?.session ?? null,
      profile: session?.profile ?? null,
    };
  };
}

/** A context without a request: for the demo's seed and for tests. */
export function contextFor(services: Services, profile: Profile | null): Context {
  return {
    ...services,
    models: createModelCache(),
    headers: new Headers(),
    session: profile === null ? null : { id: profile.id, expiresAt: new Date(8.64e15) },
    profile,
  };
}

export interface SignedIn {
  session: { id: string; expiresAt: Date };
  profile: Profile;
}

/** Who the cookie of these headers belongs to, and the cookies to send back when the session was extended. */
export async function readSession(
  auth: Auth,
  headers: Headers,
): Promise<{ session: SignedIn | null; setCookies: string[] }> {
  if (!headers.has('cookie')) return { session: null, setCookies: [] };
  const { response, headers: answered } = await auth.api.getSession({ headers, returnHeaders: true });
  const setCookies = answered.getSetCookie();
  if (response === null) return { session: null, setCookies };
  const { session, user } = response;
  return {
    session: {
      session: { id: session.id, expiresAt: session.expiresAt },
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
