import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/**
 * Serves a handler of web requests from Node's own server, as Next.js does for its route handlers: when the
 * connection closes, the request's signal is aborted and the response's body cancelled. There are hosts that do only
 * one of them.
 */
export function serveFetch(
  handler: (request: Request) => Promise<Response>,
  host: { readonly abortsRequest: boolean; readonly cancelsBody: boolean },
): RequestListener {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    const { status, headers, body } = await handler(
      webRequest(request, host.abortsRequest ? closed.signal : null),
    );
    response.writeHead(status, Object.fromEntries(headers));
    if (body === null) response.end();
    else if (host.cancelsBody) await pipeline(body, response, { signal: closed.signal });
    else for await (const chunk of body) response.write(chunk);
  }
  return (request, response) => {
    answer(request, response).catch(() => response.destroy());
  };
}

function webRequest(request: IncomingMessage, signal: AbortSignal | null): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  // The kit's stream is a GET: there is no body to hand over.
  return new Request(`http://${request.headers.host}${request.url}`, {
    method: request.method ?? 'GET',
    headers,
    signal,
  });
}
