import { type AnyEvent, channels, type Database } from '@processflow/db';
import { createDecoder, listen, type Listener } from '@processflow/events/postgres';
import { createHub, type Hub } from '@processflow/events/server';
import type { Kysely } from 'kysely';

import { createLoadViewers, type ViewerKey } from './load-viewers.ts';
import { access } from './viewer.ts';

export type RealtimeHub = Hub<ViewerKey, AnyEvent>;

/** The hub of this application's channels and rules; without a listener it hears nothing. */
export function createRealtimeHub(db: Kysely<Database>, onError: (error: unknown) => void): RealtimeHub {
  return createHub({ definitions: channels, access, load: createLoadViewers(db), onError });
}

export interface ListenOptions {
  readonly hub: RealtimeHub;
  readonly connectionString: string;
  readonly onError: (error: unknown) => void;
  /** Milliseconds between proofs that the listening connection lives. */
  readonly heartbeat?: number;
  /** Milliseconds after which an unanswered connection is given up. */
  readonly timeout?: number;
}

/** Gives the hub ears: one connection that listens on every channel until it is disposed. */
export function listenForChanges({ hub, ...options }: ListenOptions): Promise<Listener> {
  const decode = createDecoder(channels);
  return listen({
    ...options,
    channels: Object.keys(channels),
    onNotification: (channel, payload) => hub.publish(decode(channel, payload)),
    onGap: () => hub.gap(),
  });
}
