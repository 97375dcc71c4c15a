import { type AnyEvent, channels, contract, type Database, type Event } from '@processflow/db';
import { createHub, type Hub, type HubOptions } from '@processflow/events/server';
import type { Kysely } from 'kysely';

import { createLoadViewers } from './load-viewers.ts';
import { access, type Viewer, type ViewerKey } from './viewer.ts';

export type RealtimeHub = Hub<ViewerKey, AnyEvent, Event>;

/** The hub of this application's channels and rules; without a listener it hears nothing. */
export function createRealtimeHub(
  db: Kysely<Database>,
  onError: (error: unknown) => void,
  bounds: Pick<HubOptions<ViewerKey, Viewer, AnyEvent>, 'queueLimit'> = {},
): RealtimeHub {
  const load = createLoadViewers(db);
  return createHub({ definitions: channels, contract, access, load, onError, ...bounds });
}
