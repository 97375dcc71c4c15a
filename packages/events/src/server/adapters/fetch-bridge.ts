import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/**
 * Serves a handler of web requests from Node's own server, as Next.js does for its route handlers: the request's
 * signal is aborted when the connection closes, and the response's body is piped piece by piece.
 */
export function serveFetch(handler: (request: Request) => Promise<Response>): RequestListener {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    const { status, headers, body } = await handler(webRequest(request, closed.signal));
    response.writeHead(status, Object.fromEntries(headers));
    if (body === null) response.end();
    else await pipeline(body, response, { signal: closed.signal });
  }
  return (request, response) => {
    answer(request, response).catch(() => response.destroy());
  };
}

function webRequest(request: IncomingMessage, signal: AbortSignal): Request {
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
