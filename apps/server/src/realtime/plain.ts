import type { IncomingMessage, ServerResponse } from 'node:http';

import { type FanOut, Revocation } from '@processflow/events/server';
import { z } from 'zod';

import { BadToken } from '../token/bearer.ts';
import { type Admission, StreamLimitReached } from './limits.ts';
import type { RealtimeHub } from './realtime.ts';
import { streamSelection, toSelection } from './selection.ts';
import type { ViewerKey } from './viewer.ts';

export interface PlainRealtimeOptions {
  readonly hub: RealtimeHub;
  readonly fanOut: Pick<FanOut, 'writePlain'>;
  /** Throws `StreamLimitReached`. */
  readonly admit: (request: IncomingMessage, response: ServerResponse) => Admission;
  /** Who is signed in on this request, if anybody. Throws `BadToken`. */
  readonly identify: (request: IncomingMessage) => Promise<ViewerKey | null>;
  /** Milliseconds between pings. */
  readonly ping: number;
}

const query = streamSelection.omit({ lastEventId: true }).extend({
  teamId: z.coerce.number({ error: 'teamId is a whole number.' }).int().positive().optional(),
});

const SIGN_IN =
  'Send an API token from the Team page (Authorization: Bearer …), or sign in first: POST /api/auth/sign-in/email with { "email", "password" }.';

const STATUS = { UNAUTHORIZED: 401, FORBIDDEN: 403 };

/** `GET /api/realtime`: the same stream as `realtime.changes`, for anyone without tRPC. */
export function createPlainRealtime({ hub, fanOut, admit, identify, ping }: PlainRealtimeOptions) {
  const serve = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    if (request.method !== 'GET') return refuse(response, 405, 'Only GET is served here.');
    const admission = admit(request, response);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const key = await identify(request);
    if (gone.signal.aborted) return;
    if (key === null) return refuse(response, 401, SIGN_IN);
    admission.ofViewer(key);
    const { channels: _, ...rest } = Object.fromEntries(url.searchParams);
    const named = url.searchParams.getAll('channels').flatMap((list) => list.split(','));
    const channels = named.length === 0 ? undefined : named.map((name) => name.trim());
    const asked = query.safeParse({ ...rest, channels });
    if (!asked.success)
      return refuse(response, 400, asked.error.issues.map((issue) => issue.message).join(' '));

    if ('token' in key && (asked.data.email ?? asked.data.profileId) !== undefined) {
      return refuse(response, 403, 'An API token hears its team. Leave out email and profileId.');
    }

    const frames = await hub.subscribe({
      ...toSelection(asked.data, key),
      key,
      lastEventId: request.headers['last-event-id']?.toString(),
      signal: gone.signal,
    });
    await fanOut.writePlain(response, frames, { ping });
  };

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    try {
      await serve(request, response, url);
    } catch (error) {
      if (error instanceof StreamLimitReached) return refuseLimited(response, error);
      if (error instanceof Revocation || error instanceof BadToken) {
        return refuse(response, STATUS[error.code], error.message);
      }
      throw error;
    }
  };
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}

function refuseLimited(response: ServerResponse, { message, retryAfterMs }: StreamLimitReached): void {
  if (retryAfterMs === undefined) return refuse(response, 413, message);
  response.setHeader('retry-after', Math.ceil(retryAfterMs / 1000));
  refuse(response, 429, message);
}
