/**
 * One definition per channel: which table, which columns an event carries, which columns' change is worth
 * announcing, and who may hear it. Event types, trigger SQL, decoding and routing all follow from it.
 */

/** What happened to the row. */
export type Operation = 'INSERT' | 'UPDATE' | 'DELETE';

/** A topic with one column in braces, for example `team:{team_id}/models`. */
type TopicTemplate<Column extends string> = `${string}{${Column}}${string}`;

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
  /** Columns that are never shortened, besides the key and the audience's. */
  readonly whole?: readonly string[];
  /** Heard by servers only; never delivered to a viewer. */
  readonly internal?: boolean;
}

export type ChannelDefinitions = Readonly<Record<string, ChannelDefinition>>;

type ColumnsOf<DB, Table> = Table extends keyof DB ? keyof DB[Table] & string : never;

type Checked<DB, Definition> = Definition extends {
  readonly table: infer Table;
  readonly columns: readonly (infer Column)[];
}
  ? {
      readonly table: keyof DB & string;
      readonly columns: readonly ColumnsOf<DB, Table>[];
      readonly watch?: readonly ColumnsOf<DB, Table>[];
      readonly key?: readonly (Column & string)[];
      readonly audience: readonly TopicTemplate<Column & string>[];
      readonly whole?: readonly (Column & string)[];
      readonly internal?: boolean;
    }
  : ChannelDefinition;

const RESERVED_CHANNELS = ['resync', 'position'];
const RESERVED_COLUMNS = ['operation', 'channel', 'seq', 'truncated'];
const TOPIC_COLUMN = /\{([^}]*)\}/;

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
    definitions: Definitions & { readonly [Channel in keyof Definitions]: Checked<DB, Definitions[Channel]> },
  ): Definitions => {
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
  if (RESERVED_CHANNELS.includes(channel))
    fail(`has a reserved name. Reserved: ${RESERVED_CHANNELS.join(', ')}.`);
  // A channel's name stands in a line of its own on the plain SSE stream.
  if (/\p{Cc}/u.test(channel)) fail('has control characters in its name.');
  if (byteLength(channel) > 63) fail('is longer than 63 bytes, which PostgreSQL would cut.');
  const reserved = definition.columns.filter((column) => RESERVED_COLUMNS.includes(column));
  if (reserved.length > 0) {
    fail(`carries reserved columns: ${reserved.join(', ')}. Rename them, or leave them out of the event.`);
  }
  for (const column of [...keyOf(definition), ...audienceColumns(definition)]) {
    if (!definition.columns.includes(column)) {
      fail(
        `does not carry "${column}", which its key or audience needs. Carried: ${definition.columns.join(', ')}.`,
      );
    }
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The primary key's columns. */
export function keyOf(definition: ChannelDefinition): readonly string[] {
  return definition.key ?? ['id'];
}

/** The columns that the audience names. */
export function audienceColumns(definition: ChannelDefinition): string[] {
  return definition.audience.map((template) => {
    const column = TOPIC_COLUMN.exec(template)?.[1];
    if (column === undefined) {
      throw new EventsError(
        'bad-definition',
        `Topic "${template}" of table "${definition.table}" names no column.`,
      );
    }
    return column;
  });
}

/** Makes the function that gives an event's topics. A topic whose column is null is left out. */
export function createAudience(definitions: ChannelDefinitions): (event: AnyChangeEvent) => string[] {
  const templates = new Map(
    Object.entries(definitions).map(([channel, definition]) => [
      channel,
      definition.audience.map((template) => {
        const [whole, column] = TOPIC_COLUMN.exec(template) as unknown as [string, string];
        const [before, after] = template.split(whole) as [string, string];
        return { column, before, after };
      }),
    ]),
  );
  return (event) =>
    (templates.get(event.channel) ?? []).flatMap(({ column, before, after }) => {
      const value = event[column];
      return value === null || value === undefined ? [] : [`${before}${value as string | number}${after}`];
    });
}

/** An event whose channel is not known to the types. */
export interface AnyChangeEvent {
  readonly channel: string;
  readonly operation: Operation;
  readonly seq: number;
  readonly truncated?: readonly string[];
  readonly [column: string]: unknown;
}

/** What a notification says: a row's change, or that anything on the channel may have changed. */
export type Announcement =
  | { readonly kind: 'change'; readonly event: AnyChangeEvent }
  | { readonly kind: 'resync'; readonly channel: string };

type Selected<Column> = Column extends { readonly __select__: infer Value } ? Value : Column;

/** A column's type after PostgreSQL's own JSON conversion: a timestamp is an ISO 8601 string in UTC. */
export type Wire<Value> = Value extends Date
  ? string
  : Value extends bigint
    ? number
    : Value extends readonly (infer Item)[]
      ? Wire<Item>[]
      : Value;

type EventColumns<DB, Definition extends ChannelDefinition> = {
  readonly [Column in Definition['columns'][number]]: Definition['table'] extends keyof DB
    ? Column extends keyof DB[Definition['table']]
      ? Wire<Selected<DB[Definition['table']][Column]>>
      : never
    : never;
};

type Flat<T> = { [K in keyof T]: T[K] };

/** Every event of every channel, internal ones included: a union discriminated by `channel` and `operation`. */
export type ChangeEvents<DB, Definitions extends ChannelDefinitions> = {
  [Channel in keyof Definitions & string]: Flat<
    {
      readonly channel: Channel;
      readonly operation: Operation;
      /** The event's own number, increasing; `id` is the row's. */
      readonly seq: number;
      /** Columns whose text was shortened to fit a notification. */
      readonly truncated?: readonly string[];
    } & EventColumns<DB, Definitions[Channel]>
  >;
}[keyof Definitions & string];

/** Channels that are delivered to viewers. */
export type PublicChannel<Definitions extends ChannelDefinitions> = {
  [Channel in keyof Definitions & string]: Definitions[Channel] extends { readonly internal: true }
    ? never
    : Channel;
}[keyof Definitions & string];

/** Why a subscriber has to start over. */
export type ResyncReason =
  | 'resumed' // opened with a position: what happened meanwhile is not known
  | 'gap' // the listener was away
  | 'too-slow' // the subscriber did not read fast enough
  | 'truncated-table' // TRUNCATE, or an event too large to be sent
  | 'access-widened'; // more may be heard than before

/** "Everything you hear from now on comes after this frame." */
export interface PositionEvent {
  readonly channel: 'position';
}

/** "You may have missed anything (on `channels`, or on all of them): refetch." */
export interface ResyncEvent {
  readonly channel: 'resync';
  readonly reason: ResyncReason;
  readonly channels?: readonly string[];
}

/** What a stream carries. Its first frame is always a `position` or a `resync`. */
export type StreamEvent<Event extends { readonly channel: string }> = Event | PositionEvent | ResyncEvent;

export type EventsErrorCode = 'bad-definition' | 'bad-table' | 'bad-payload';

/** The kit's one error class. */
export class EventsError extends Error {
  override readonly name = 'EventsError';
  readonly code: EventsErrorCode;

  constructor(code: EventsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
