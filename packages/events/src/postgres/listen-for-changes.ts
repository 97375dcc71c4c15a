import type { ChannelDefinitions } from '../contract.ts';
import { EventsError } from '../error.ts';
import type { Announcement } from '../event.ts';
import { createDecoder } from './decode.ts';
import { listen, type Listener, type ListenOptions } from './listener.ts';

/** What takes the announcements in: the hub. */
export interface ChangeSink {
  publish(announcement: Announcement): void;
  gap(): void;
}

export interface ListenForChangesOptions extends Omit<
  ListenOptions,
  'channels' | 'onNotification' | 'onGap'
> {
  readonly definitions: ChannelDefinitions;
  readonly hub: ChangeSink;
}

/**
 * Gives the hub ears: one connection that listens on every channel until it is disposed. A notification that cannot
 * be read is reported to `onError`, and its channel's streams are told to refetch: something changed there.
 * Rejects with {@link EventsError} `cannot-listen` when the first attempt fails; later ones are reported and repeated.
 *
 * @example
 * await using listener = await listenForChanges({ definitions: channels, hub, connectionString, onError: console.error });
 */
export function listenForChanges({
  definitions,
  hub,
  ...options
}: ListenForChangesOptions): Promise<Listener> {
  const decode = createDecoder(definitions);
  return listen({
    ...options,
    channels: Object.keys(definitions),
    onNotification(channel, payload) {
      let announcement: Announcement;
      try {
        announcement = decode(channel, payload);
      } catch (error) {
        options.onError(error);
        if (!(error instanceof EventsError) || error.code !== 'bad-payload') return;
        announcement = { kind: 'resync', channel };
      }
      hub.publish(announcement);
    },
    onGap: () => hub.gap(),
  });
}
