import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { isIP } from 'node:net';

/** The address by which a request reached us, as its browser would name it. */
export function ownOrigin(host: string | null | undefined, publicUrl: string | undefined): string {
  return publicUrl ?? `http://${host ?? 'localhost'}`;
}

/**
 * Whether a request comes from a page that is not ours. Requests that name no origin come from programs or from
 * plain navigation, and carry no other page's intent.
 */
export function isForeign({ headers }: IncomingMessage, publicUrl: string | undefined): boolean {
  if (headers.origin === undefined) return headers['sec-fetch-site'] === 'cross-site';
  return headers.origin !== ownOrigin(headers.host, publicUrl);
}

/**
 * Whether the request names this server by a name that somebody else could have pointed here (DNS rebinding). With a
 * public address the proxy in front decides that; without one it is an IP address or one of this machine's names.
 */
export function isStrangeHost({ headers }: IncomingMessage, publicUrl: string | undefined): boolean {
  if (publicUrl !== undefined) return false;
  const name = URL.parse(`http://${headers.host ?? ''}`)?.hostname;
  if (name === undefined) return true;
  const own = name === 'localhost' || name.endsWith('.localhost') || name === hostname().toLowerCase();
  return !own && isIP(name.replaceAll(/[[\]]/g, '')) === 0;
}

/** The same rule in better-auth's words: the origins it may take a request from. */
export function trustOwnOrigin(publicUrl: string | undefined): (request?: Request) => string[] {
  return (request) => (request === undefined ? [] : [ownOrigin(request.headers.get('host'), publicUrl)]);
}
