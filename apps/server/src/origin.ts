import type { IncomingMessage } from 'node:http';

/** The address by which this request reached us, as its browser would name it. */
export function ownOrigin(request: IncomingMessage, publicUrl: string | undefined): string {
  return publicUrl ?? `http://${request.headers.host ?? 'localhost'}`;
}

/**
 * Whether a request comes from a page that is not ours. Requests that name no origin come from programs or from
 * plain navigation, and carry no other page's intent.
 */
export function isForeign(request: IncomingMessage, publicUrl: string | undefined): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return request.headers['sec-fetch-site'] === 'cross-site';
  return origin !== ownOrigin(request, publicUrl);
}
