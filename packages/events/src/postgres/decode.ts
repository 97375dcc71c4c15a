import {
  type AnyChangeEvent,
  type Announcement,
  audienceColumns,
  type ChannelDefinitions,
  EventsError,
  keyOf,
} from '../contract.ts';

const OPERATIONS = ['INSERT', 'UPDATE', 'DELETE'];

/**
 * Makes the function that reads a notification's payload.
 * It throws {@link EventsError} `bad-payload` for what no trigger of ours has written.
 */
export function createDecoder(
  definitions: ChannelDefinitions,
): (channel: string, payload: string) => Announcement {
  const needed = new Map(
    Object.entries(definitions).map(([channel, definition]) => [
      channel,
      [...new Set([...keyOf(definition), ...audienceColumns(definition)])],
    ]),
  );
  return (channel, payload) => {
    const columns = needed.get(channel);
    const fail = (why: string, cause?: unknown): never => {
      throw new EventsError('bad-payload', `Notification on "${channel}" dropped: ${why}.`, { cause });
    };
    if (columns === undefined)
      return fail(`the channel is not defined. Defined: ${[...needed.keys()].join(', ')}`);

    let body: unknown;
    try {
      body = JSON.parse(payload);
    } catch (cause) {
      return fail('its payload is not JSON', cause);
    }
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      return fail('its payload is not an object');
    const event = body as Record<string, unknown>;
    if (event['operation'] === 'RESYNC') return { kind: 'resync', channel };
    if (!OPERATIONS.includes(event['operation'] as string)) {
      return fail(`"operation" is none of ${OPERATIONS.join(', ')}`);
    }
    if (!Number.isSafeInteger(event['seq'])) return fail('"seq" is not a whole number');
    const missing = columns.filter((column) => !Object.hasOwn(event, column));
    if (missing.length > 0) return fail(`it lacks ${missing.map((column) => `"${column}"`).join(', ')}`);
    return {
      kind: 'change',
      event: Object.assign({ channel }, event, { channel }) as unknown as AnyChangeEvent,
    };
  };
}
