/**
 * One definition per channel: which table, which columns an event carries, which columns' change is worth
 * announcing, and who may hear it. Event types, trigger SQL, decoding and routing all follow from it.
 */
import { EventsError } from './error.ts';
import type { AnyChangeEvent, NeedsText } from './event.ts';
import { byteLength, NAME_BYTES } from './name-length.ts';

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

/** A list of these, of which there is at least one. */
type Some<List, Of> = List extends readonly [] ? readonly [Of, ...Of[]] : readonly Of[];

type Listed<Definition, Option extends PropertyKey> = Option extends keyof Definition
  ? Definition[Option]
  : undefined;

/** Each topic as it has to be; one that names two columns is told so by the compiler's message. */
type Topics<List, Column extends string> = List extends readonly [unknown, ...unknown[]]
  ? {
      readonly [Index in keyof List]: List[Index] extends `${string}{${string}{${string}`
        ? 'a topic names one column'
        : TopicTemplate<Column>;
    }
  : Some<List, TopicTemplate<Column>>;

type Checked<DB, Definition> = Definition extends {
  readonly table: infer Table;
  readonly columns: readonly (infer Column)[];
}
  ? {
      readonly table: keyof DB & string;
      readonly columns: Some<Definition['columns'], Carriable<DB, Table, TextOf<Definition>>>;
      readonly watch?: Some<Listed<Definition, 'watch'>, ColumnsOf<DB, Table>>;
      readonly key?: Some<Listed<Definition, 'key'>, Column & string>;
      readonly audience: Topics<Listed<Definition, 'audience'>, Column & string>;
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
 * Throws {@link EventsError} `bad-definition` for names that are reserved, lists that are empty or say a column twice,
 * topics that do not name one column, and a second channel of a table.
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
    const announced = new Map<string, string>();
    for (const [channel, definition] of Object.entries<ChannelDefinition>(definitions)) {
      checkDefinition(channel, definition);
      const other = announced.get(definition.table);
      if (other !== undefined) {
        throw new EventsError(
          'bad-definition',
          `Channels "${other}" and "${channel}" announce the same table "${definition.table}". A table has one channel: make one of them, with the columns and topics of both.`,
        );
      }
      announced.set(definition.table, channel);
    }
    return definitions;
  };
}

/** What a definition's own words tell, without a database. Throws {@link EventsError} `bad-definition`. */
export function checkDefinition(channel: string, definition: ChannelDefinition): void {
  const fail = (what: string): never => {
    throw new EventsError('bad-definition', `Channel "${channel}" ${what}`);
  };
  checkName(channel, fail);
  checkLists(definition, fail);
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

function checkName(channel: string, fail: (what: string) => never): void {
  if ((RESERVED_CHANNELS as readonly string[]).includes(channel))
    fail(`has a reserved name. Reserved: ${RESERVED_CHANNELS.join(', ')}. Call it something else.`);
  if (channel === '') fail('has an empty name, which PostgreSQL cannot notify on. Give it one.');
  // A channel's name stands in a line of its own on the plain SSE stream.
  if (/\p{Cc}/u.test(channel)) fail('has control characters in its name. Leave them out.');
  if (byteLength(channel) > NAME_BYTES)
    fail(
      `is longer than ${NAME_BYTES} bytes, which PostgreSQL refuses to notify on. Give it a shorter name.`,
    );
}

const EMPTY_LISTS = {
  columns: 'Name the columns that its events carry, the key and the audience first.',
  audience: 'Name a topic, as in "team:{team_id}", and "internal: true" if no viewer may hear it.',
  key: 'Name the primary key, or leave it out where that is "id".',
  watch: 'Name the columns whose change is announced, or leave it out to announce every change.',
} as const;

function checkLists(definition: ChannelDefinition, fail: (what: string) => never): void {
  for (const [list, cure] of Object.entries(EMPTY_LISTS)) {
    if (definition[list as keyof typeof EMPTY_LISTS]?.length === 0) fail(`has an empty "${list}". ${cure}`);
  }
  for (const list of ['columns', 'audience', 'key', 'watch', 'text', 'whole'] as const) {
    const twice = definition[list]?.find((item, at, all) => all.indexOf(item) !== at);
    if (twice !== undefined) fail(`has "${twice}" twice in its "${list}". Name it once.`);
  }
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
 * Throws {@link EventsError} `bad-definition` for a topic that does not name one.
 *
 * @example
 * audienceColumns(channels.role_changes); // ['team_id']
 */
export function audienceColumns(definition: ChannelDefinition): string[] {
  return definition.audience.map((template) => partsOf(template).column);
}

/** A topic's one column, and the text around it. */
function partsOf(template: string): { before: string; column: string; after: string } {
  const found = TOPIC_COLUMN.exec(template);
  const columns = template.split('{').length - 1;
  if (found === null || columns > 1) {
    throw new EventsError(
      'bad-definition',
      `Topic "${template}" names ${columns > 1 ? 'more than one' : 'no'} column. Name one in braces, as in "team:{team_id}".`,
    );
  }
  return {
    before: template.slice(0, found.index),
    column: found[1] as string,
    after: template.slice(found.index + found[0].length),
  };
}

/**
 * Makes the function that fills a topic's template from an event; undefined when its column is null.
 * Throws {@link EventsError} `bad-definition` for a topic that does not name one column.
 *
 * @example
 * const topic = topicOf('team:{team_id}');
 * topic(event); // 'team:17'
 */
export function topicOf(template: string): (event: AnyChangeEvent) => string | undefined {
  const { before, column, after } = partsOf(template);
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
