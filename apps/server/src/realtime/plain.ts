import type { IncomingMessage, ServerResponse } from 'node:http';

import { Revocation, writePlainSse } from '@processflow/events/server';
import { z } from 'zod';

import { BadToken } from '../token/bearer.ts';
import type { RealtimeHub } from './realtime.ts';
import { streamSelection, toSelection } from './selection.ts';
import type { ViewerKey } from './viewer.ts';

export interface PlainRealtimeOptions {
  readonly hub: RealtimeHub;
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
export function createPlainRealtime({ hub, identify, ping }: PlainRealtimeOptions) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    if (request.method !== 'GET') return refuse(response, 405, 'Only GET is served here.');
    const key = await identify(request).catch((error: unknown) => {
      if (error instanceof BadToken) return error;
      throw error;
    });
    if (key instanceof BadToken) return refuse(response, STATUS[key.code], key.message);
    if (key === null) return refuse(response, 401, SIGN_IN);
    const { channels: _, ...rest } = Object.fromEntries(url.searchParams);
    const named = url.searchParams.getAll('channels').flatMap((list) => list.split(','));
    const channels = named.length === 0 ? undefined : named.map((name) => name.trim());
    const asked = query.safeParse({ ...rest, channels });
    if (!asked.success)
      return refuse(response, 400, asked.error.issues.map((issue) => issue.message).join(' '));

    if ('token' in key && (asked.data.email ?? asked.data.profileId) !== undefined) {
      return refuse(response, 403, 'An API token hears its team. Leave out email and profileId.');
    }

    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      const frames = await hub.subscribe({
        ...toSelection(asked.data, key),
        key,
        lastEventId: request.headers['last-event-id']?.toString(),
        signal: gone.signal,
      });
      await writePlainSse(response, frames, { ping });
    } catch (error) {
      if (!(error instanceof Revocation)) throw error;
      refuse(response, STATUS[error.code], error.message);
    }
  };
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}
