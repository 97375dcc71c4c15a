import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { type Metric, METRICS_TYPE, metricsText } from './text.ts';

/**
 * `GET /metrics`, for whoever bears the token. There is no trusting by address instead: behind a proxy everybody
 * comes from the loopback address.
 */
export function createMetricsPage(token: string, read: () => readonly Metric[]): RequestListener {
  const expected = digest(token);
  return (request: IncomingMessage, response: ServerResponse): void => {
    const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined || !timingSafeEqual(digest(given), expected)) {
      response.writeHead(401, { 'www-authenticate': 'Bearer', 'content-type': 'text/plain' });
      response.end('Send the METRICS_TOKEN of this server: Authorization: Bearer …\n');
      return;
    }
    response.writeHead(200, { 'content-type': METRICS_TYPE, 'cache-control': 'no-store' });
    response.end(metricsText(read()));
  };
}

/** Of one length whatever was given, so that the time of comparing says nothing. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
