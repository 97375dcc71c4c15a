import { audienceColumns, type ChannelDefinitions, keyOf } from '../contract.ts';
import { EventsError } from '../error.ts';
import type { AnyChangeEvent, Announcement } from '../event.ts';

const OPERATIONS = ['INSERT', 'UPDATE', 'DELETE'];

/**
 * Makes the function that reads a notification's payload.
 * It throws {@link EventsError} `bad-payload` for what no trigger of ours has written, and `unknown-channel`.
 *
 * @example
 * const decode = createDecoder(channels);
 * const announcement = decode('role_changes', payload);
 * if (announcement.kind === 'change') console.log(announcement.event.operation);
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
      throw new EventsError(
        'bad-payload',
        `Notification on "${channel}" dropped: ${why}. Compare triggers and definition with checkChannels.`,
        { cause },
      );
    };
    if (columns === undefined) {
      throw new EventsError(
        'unknown-channel',
        `Notification dropped: channel "${channel}" is not defined. Defined: ${[...needed.keys()].join(', ')}. Listen on these alone.`,
      );
    }

    let body: unknown;
    try {
      body = parse(payload);
    } catch (cause) {
      if (cause instanceof InexactNumber) return fail(cause.message);
      return fail('its payload is not JSON', cause);
    }
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      return fail('its payload is not an object');
    const { changed, ...event } = body as Record<string, unknown>;
    if (event['operation'] === 'RESYNC') return { kind: 'resync', channel };
    if (!OPERATIONS.includes(event['operation'] as string)) {
      return fail(`"operation" is none of ${OPERATIONS.join(', ')}`);
    }
    if (!Number.isSafeInteger(event['seq'])) return fail('"seq" is not a whole number');
    if (typeof event['announced_at'] !== 'string') return fail('"announced_at" is not a time');
    const missing = columns.filter((column) => !Object.hasOwn(event, column));
    if (missing.length > 0) return fail(`it lacks ${missing.map((column) => `"${column}"`).join(', ')}`);
    // An UPDATE that moved a row is a DELETE and an INSERT, for which `changed` is null.
    if (event['operation'] !== 'UPDATE') return change(channel, event);
    if (!isListOfNames(changed)) return fail('"changed" is not a list of columns');
    return change(channel, { ...event, changed });
  };
}

function change(channel: string, event: object): Announcement {
  return {
    kind: 'change',
    event: Object.assign({ channel }, event, { channel }) as unknown as AnyChangeEvent,
  };
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

class InexactNumber extends Error {}

/** A whole number beyond 2^53 would silently become another one; only long digits are worth looking at closely. */
function parse(payload: string): unknown {
  if (!/\d{16}/.test(payload)) return JSON.parse(payload);
  return JSON.parse(payload, refuseInexact as (column: string, value: unknown) => unknown);
}

/** What TypeScript's library does not know yet: the third argument holds the number as it was written. */
function refuseInexact(column: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')) {
    throw new InexactNumber(
      `"${column}" is ${source}, which JavaScript's numbers cannot hold; list the column in "text"`,
    );
  }
  return value;
}
