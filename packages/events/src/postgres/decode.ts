import { type ChannelDefinitions, keyOf } from '../contract.ts';
import { EventsError } from '../error.ts';
import type { AnyChangeEvent, Announcement } from '../event.ts';

const OPERATIONS = ['INSERT', 'UPDATE', 'DELETE'];

/**
 * Makes the function that reads a notification's payload. The event has the columns that the definition carries and
 * no others, whatever else a trigger of another version sent.
 * It throws {@link EventsError} `bad-payload` for what no trigger of this definition has written, and
 * `unknown-channel`. A whole number beyond 2^53 is refused where it is a column's value, since JavaScript would make it
 * another one; within a carried JSON column it becomes the nearest number there is, as `JSON.parse` does it.
 *
 * @example
 * const decode = createDecoder(channels);
 * const announcement = decode('role_changes', payload);
 * if (announcement.kind === 'change') console.log(announcement.event.operation);
 */
export function createDecoder(
  definitions: ChannelDefinitions,
): (channel: string, payload: string) => Announcement {
  return (channel, payload) => {
    const definition = Object.hasOwn(definitions, channel) ? definitions[channel] : undefined;
    if (definition === undefined) {
      throw new EventsError(
        'unknown-channel',
        `Notification dropped: channel "${channel}" is not defined. Defined: ${Object.keys(definitions).join(', ')}. Listen on these alone.`,
      );
    }
    const fail = (why: string, cause?: unknown): never => {
      throw new EventsError(
        'bad-payload',
        `Notification on "${channel}" cannot be read: ${why}. Compare triggers and definition with checkChannels.`,
        { cause },
      );
    };

    let parsed: Parsed;
    try {
      parsed = parse(payload);
    } catch (cause) {
      return fail('its payload is not JSON', cause);
    }
    const { body, inexact } = parsed;
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      return fail('its payload is not an object');
    const row = body as Record<string, unknown>;
    const { operation, seq, announced_at, changed, truncated } = row;
    if (operation === 'RESYNC') return { kind: 'resync', channel };
    if (!isOperation(operation)) return fail(`"operation" is none of ${OPERATIONS.join(', ')}`);
    if (!Number.isSafeInteger(seq)) return fail('"seq" is not a whole number');
    if (!isTime(announced_at)) return fail('"announced_at" is not a time');
    if (truncated !== undefined && !isListOfNames(truncated))
      return fail('"truncated" is not a list of columns');
    const { columns } = definition;
    const missing = columns.filter((column) => !Object.hasOwn(row, column));
    if (missing.length > 0) return fail(`it lacks ${missing.map((column) => `"${column}"`).join(', ')}`);
    const unkeyed = keyOf(definition).find((column) => row[column] === null);
    if (unkeyed !== undefined) return fail(`"${unkeyed}", of its key, is null`);
    const wrong = columns.find((column) => inexact.has(column));
    if (wrong !== undefined) {
      return fail(
        `"${wrong}" is ${inexact.get(wrong)}, which JavaScript's numbers cannot hold; list the column in "text"`,
      );
    }
    const event = {
      channel,
      operation,
      ...Object.fromEntries(columns.map((column) => [column, row[column]])),
      seq: seq as number,
      announced_at,
      ...(truncated !== undefined && { truncated }),
    };
    // An UPDATE that moved a row is a DELETE and an INSERT, for which `changed` is null.
    if (operation !== 'UPDATE') return { kind: 'change', event };
    if (!isListOfNames(changed)) return fail('"changed" is not a list of columns');
    return { kind: 'change', event: { ...event, changed } };
  };
}

function isOperation(value: unknown): value is AnyChangeEvent['operation'] {
  return OPERATIONS.includes(value as string);
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isListOfNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

interface Parsed {
  readonly body: unknown;
  /** The members of the whole that are whole numbers beyond 2^53, as they were written. */
  readonly inexact: ReadonlyMap<string, string>;
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Only long digits are worth looking at closely. */
function parse(payload: string): Parsed {
  if (!/\d{16}/.test(payload)) return { body: JSON.parse(payload), inexact: NONE };
  const found: { holder: unknown; name: string; source: string }[] = [];
  // What TypeScript's library does not know yet: the third argument holds the number as it was written.
  function note(this: unknown, name: string, value: unknown, context?: { source?: string }): unknown {
    const source = context?.source ?? '';
    if (typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)) {
      found.push({ holder: this, name, source });
    }
    return value;
  }
  const body: unknown = JSON.parse(payload, note);
  const own = found.filter(({ holder }) => holder === body);
  return { body, inexact: new Map(own.map(({ name, source }) => [name, source])) };
}
