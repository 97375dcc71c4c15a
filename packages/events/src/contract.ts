/**
 * One definition per channel: which table, which columns an event carries, which columns' change is worth
 * announcing, and who may hear it. Event types, trigger SQL, decoding and routing all follow from it.
 */
import { EventsError } from './error.ts';
import type { AnyChangeEvent, NeedsText } from './event.ts';

/** A topic with one column in braces, for example `team:{team_id}/models`. */
export type TopicTemplate<Column extends string> = `${string}{${Column}}${string}`;

/** The untyped shape of a channel's definition, as the SQL and the server read it. */
export interface ChannelDefinition {
  readonly table: string;
  /** Columns the event carries, in the order the payload shows them. */
  readonly columns: readonly string[];
  /** Columns whose change makes an UPDATE worth announcing. Default: all columns of the row. */
  readonly watch?: readonly string[];
  /** The table's primary key. Default: `id`. */
  readonly key?: readonly string[];
  /** Topics the event is delivered to; each names one of `columns` in braces. */
  readonly audience: readonly string[];
  /** Columns that travel as strings of PostgreSQL's text form: what JSON numbers cannot hold exactly. */
  readonly text?: readonly string[];
  /** Columns that are never shortened, besides `text`, the key and the audience's. */
  readonly whole?: readonly string[];
  /** Heard by servers only; never delivered to a viewer. */
  readonly internal?: boolean;
}

export type ChannelDefinitions = Readonly<Record<string, ChannelDefinition>>;

const RESERVED_CHANNELS = ['resync', 'position'] as const;
const RESERVED_COLUMNS = ['operation', 'channel', 'seq', 'announced_at', 'changed', 'truncated'] as const;
const TOPIC_COLUMN = /\{([^}]*)\}/;

type ReservedColumn = (typeof RESERVED_COLUMNS)[number];
type ReservedChannel = (typeof RESERVED_CHANNELS)[number];

type ColumnsOf<DB, Table> = Table extends keyof DB ? keyof DB[Table] & string : never;

/** What an event may carry; a column that may not is named with the reason, for the compiler's message. */
type Carriable<DB, Table, Text> = Table extends keyof DB
  ? {
      [Column in keyof DB[Table] & string]: Column extends ReservedColumn
        ? `${Column}: this name is reserved`
        : NeedsText<DB[Table][Column]> extends true
          ? Column extends Text
            ? Column
            : `${Column}: list it in "text" too, JSON numbers cannot hold it`
          : Column;
    }[keyof DB[Table] & string]
  : never;

type TextOf<Definition> = Definition extends { readonly text: readonly (infer Column)[] } ? Column : never;

type Checked<DB, Definition> = Definition extends {
  readonly table: infer Table;
  readonly columns: readonly (infer Column)[];
}
  ? {
      readonly table: keyof DB & string;
      readonly columns: readonly Carriable<DB, Table, TextOf<Definition>>[];
      readonly watch?: readonly ColumnsOf<DB, Table>[];
      readonly key?: readonly (Column & string)[];
      readonly audience: readonly TopicTemplate<Column & string>[];
      readonly text?: readonly (Column & string)[];
      readonly whole?: readonly (Column & string)[];
      readonly internal?: boolean;
    } & Unknown<Exclude<keyof Definition, keyof ChannelDefinition>>
  : Definition;

type Unknown<Option extends PropertyKey> = { readonly [Key in Option]: 'there is no such option' };

/** Each definition as it has to be. Not intersected with what was given, so that an error stands at the very word. */
type CheckedAll<DB, Definitions> = {
  readonly [Channel in keyof Definitions]: Channel extends ReservedChannel
    ? 'this name is reserved for the stream itself'
    : Checked<DB, Definitions[Channel]>;
};

/**
 * Defines all channels in one place, checked against Kysely's generated `Database`.
 * Throws {@link EventsError} `bad-definition` for reserved names and for topics without a column.
 *
 * @example
 * const channels = defineChannels<Database>()({
 *   role_changes: { table: 'role', columns: ['id', 'team_id', 'name'], audience: ['team:{team_id}'] },
 * });
 */
export function defineChannels<DB>() {
  return <const Definitions extends ChannelDefinitions>(
    checked: CheckedAll<DB, Definitions>,
  ): Definitions => {
    const definitions = checked as unknown as Definitions;
    for (const [channel, definition] of Object.entries<ChannelDefinition>(definitions)) {
      checkDefinition(channel, definition);
    }
    return definitions;
  };
}

function checkDefinition(channel: string, definition: ChannelDefinition): void {
  const fail = (what: string): never => {
    throw new EventsError('bad-definition', `Channel "${channel}" ${what}`);
  };
  if ((RESERVED_CHANNELS as readonly string[]).includes(channel))
    fail(`has a reserved name. Reserved: ${RESERVED_CHANNELS.join(', ')}. Call it something else.`);
  // A channel's name stands in a line of its own on the plain SSE stream.
  if (/\p{Cc}/u.test(channel)) fail('has control characters in its name. Leave them out.');
  if (byteLength(channel) > 63)
    fail('is longer than 63 bytes, which PostgreSQL would cut. Give it a shorter name.');
  const reserved = definition.columns.filter((column) =>
    (RESERVED_COLUMNS as readonly string[]).includes(column),
  );
  if (reserved.length > 0) {
    fail(`carries reserved columns: ${reserved.join(', ')}. Rename them, or leave them out of the event.`);
  }
  for (const column of [
    ...keyOf(definition),
    ...audienceColumns(definition),
    ...(definition.text ?? []),
    ...(definition.whole ?? []),
  ]) {
    if (!definition.columns.includes(column)) {
      fail(
        `does not carry "${column}", which its key, audience, text or whole names. Carried: ${definition.columns.join(', ')}. Carry it too, or name one of these.`,
      );
    }
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * The primary key's columns.
 *
 * @example
 * keyOf(channels.role_changes); // ['id']
 */
export function keyOf(definition: ChannelDefinition): readonly string[] {
  return definition.key ?? ['id'];
}

/**
 * The columns that the audience names.
 * Throws {@link EventsError} `bad-definition` for a topic that names none.
 *
 * @example
 * audienceColumns(channels.role_changes); // ['team_id']
 */
export function audienceColumns(definition: ChannelDefinition): string[] {
  return definition.audience.map((template) => {
    const column = TOPIC_COLUMN.exec(template)?.[1];
    if (column === undefined) {
      throw new EventsError(
        'bad-definition',
        `Topic "${template}" of table "${definition.table}" names no column. Name one in braces, as in "team:{team_id}".`,
      );
    }
    return column;
  });
}

/**
 * Makes the function that fills a topic's template from an event; undefined when its column is null.
 *
 * @example
 * const topic = topicOf('team:{team_id}');
 * topic(event); // 'team:17'
 */
export function topicOf(template: string): (event: AnyChangeEvent) => string | undefined {
  const found = TOPIC_COLUMN.exec(template);
  if (found === null) {
    throw new EventsError(
      'bad-definition',
      `Topic "${template}" names no column. Name one in braces, as in "team:{team_id}".`,
    );
  }
  const [whole, column] = found as unknown as [string, string];
  const [before, after] = template.split(whole) as [string, string];
  return (event) => {
    const value = event[column];
    return value === null || value === undefined ? undefined : `${before}${value as string | number}${after}`;
  };
}

/**
 * Makes the function that gives an event's topics. A topic whose column is null is left out.
 *
 * @example
 * const audience = createAudience(channels);
 * audience(event); // ['team:17']
 */
export function createAudience(definitions: ChannelDefinitions): (event: AnyChangeEvent) => string[] {
  const topics = new Map(
    Object.entries(definitions).map(([channel, definition]) => [channel, definition.audience.map(topicOf)]),
  );
  return (event) =>
    (topics.get(event.channel) ?? []).map((topic) => topic(event)).filter((topic) => topic !== undefined);
}
