import type { IncomingMessage } from 'node:http';

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

/** The same rule in better-auth's words: the origins it may take a request from. */
export function trustOwnOrigin(publicUrl: string | undefined): (request?: Request) => string[] {
  return (request) => (request === undefined ? [] : [ownOrigin(request.headers.get('host'), publicUrl)]);
}
