/** What events look like: the TypeScript types that follow from the definitions. */
import type { ChannelDefinition, ChannelDefinitions } from './contract.ts';

/** What happened to the row. */
export type Operation = 'INSERT' | 'UPDATE' | 'DELETE';

/** An event whose channel is not known to the types. */
export interface AnyChangeEvent {
  readonly channel: string;
  readonly operation: Operation;
  readonly seq: number;
  readonly announced_at: string;
  readonly changed?: readonly string[];
  readonly truncated?: readonly string[];
  readonly [column: string]: unknown;
}

/** What a notification says: a row's change, or that anything on the channel may have changed. */
export type Announcement =
  | { readonly kind: 'change'; readonly event: AnyChangeEvent }
  | { readonly kind: 'resync'; readonly channel: string };

type Selected<Column> = Column extends { readonly __select__: infer Value } ? Value : Column;
type Inserted<Column> = Column extends { readonly __insert__: infer Value } ? Value : Column;
type Present<Value> = Exclude<Value, null | undefined>;

/** What is in a list, one deep: deeper, a JSON column's type may never end. */
type InList<Value> = Value extends readonly (infer One)[] ? One : Value;
type Read<Column> = Present<Selected<InList<Present<Selected<Column>>>>>;
type Written<Column> = Present<Inserted<InList<Present<Inserted<Column>>>>>;

/**
 * True for columns that JSON numbers cannot hold: `bigint`, strings that may be written as numbers, as generators
 * type PostgreSQL's `bigint` and `numeric`, and lists of these.
 */
export type NeedsText<Column> = [Extract<Read<Column>, bigint>] extends [never]
  ? [Read<Column>] extends [string]
    ? [Extract<Written<Column>, number | bigint>] extends [never]
      ? false
      : true
    : false
  : true;

/**
 * A column's type after PostgreSQL's own JSON conversion: a timestamp is an ISO 8601 string in UTC, bytes are a
 * string of hexadecimal digits after `\x`, an interval is its text.
 *
 * Three kinds of values no type shows. A float's `NaN`, `Infinity` and `-Infinity` arrive as these words, strings,
 * since JSON has no such numbers. A timestamp may be `infinity` or `-infinity`, and one before year 1 ends in ` BC`:
 * `new Date` reads neither. A `point` or `circle` arrives as its text, `(1,2)`, though drivers read an object with
 * `x` and `y`, which a JSON column may be as well: name it in the definition's `text`, and its type is `string`.
 */
export type Wire<Value> = Value extends Date | Uint8Array | { readonly toPostgres: unknown }
  ? string
  : Value extends bigint
    ? never
    : Value extends readonly (infer Item)[]
      ? Wire<Item>[]
      : Value;

type Nullable<Value> = null extends Value ? null : never;

type ColumnOf<DB, Definition extends ChannelDefinition, Column> = Definition['table'] extends keyof DB
  ? Column extends keyof DB[Definition['table']]
    ? Selected<DB[Definition['table']][Column]>
    : never
  : never;

type Listed<Definition, Option extends 'watch' | 'text'> = Definition extends {
  readonly [Key in Option]: readonly (infer Column)[];
}
  ? Column & string
  : never;

type EventColumns<DB, Definition extends ChannelDefinition> = {
  readonly [Column in Definition['columns'][number]]: Column extends Listed<Definition, 'text'>
    ? string | Nullable<ColumnOf<DB, Definition, Column>>
    : Wire<ColumnOf<DB, Definition, Column>>;
};

interface EventHead<Channel extends string, Kind extends Operation, Column extends string> {
  readonly channel: Channel;
  readonly operation: Kind;
  /**
   * The event's own number, which no other has; `id` is the row's. It is given before the commit, so that of two
   * transactions the later number may be heard first: 93, then 92.
   */
  readonly seq: number;
  /** When the trigger ran, by the database's clock: ISO 8601 in UTC. The commit came a little later. */
  readonly announced_at: string;
  /** Columns whose text was shortened to fit a notification. */
  readonly truncated?: readonly Column[];
}

interface Changed<Column extends string> {
  /** Which of the columns that the definition names are different now; empty when it was another one. */
  readonly changed: readonly Column[];
}

type Flat<T> = { [K in keyof T]: T[K] };

/** One member for each operation, so that `Extract` finds it. */
type ChangeEvent<
  DB,
  Channel extends string,
  Definition extends ChannelDefinition,
  Kind extends Operation = Operation,
> = Kind extends 'UPDATE'
  ? Flat<
      EventHead<Channel, Kind, Definition['columns'][number]> &
        Changed<Definition['columns'][number] | Listed<Definition, 'watch'>> &
        EventColumns<DB, Definition>
    >
  : Flat<EventHead<Channel, Kind, Definition['columns'][number]> & EventColumns<DB, Definition>>;

/** Every event of every channel, internal ones included: a union discriminated by `channel` and `operation`. */
export type ChangeEvents<DB, Definitions extends ChannelDefinitions> = {
  [Channel in keyof Definitions & string]: ChangeEvent<DB, Channel, Definitions[Channel]>;
}[keyof Definitions & string];

/** Channels that are delivered to viewers. */
export type PublicChannel<Definitions extends ChannelDefinitions> = {
  [Channel in keyof Definitions & string]: Definitions[Channel] extends { readonly internal: true }
    ? never
    : Channel;
}[keyof Definitions & string];

/** Why a subscriber has to start over. */
export type ResyncReason =
  | 'unknown-position' // opened with a position that the log does not reach back to, or does not know
  | 'too-far-behind' // so much happened meanwhile that fetching anew costs less than hearing it
  | 'gap' // the listener was away
  | 'too-slow' // more came at once than a stream may leave unread, or it was not read fast enough
  | 'truncated-table' // TRUNCATE, or an event too large to be sent
  | 'access-widened' // more may be heard than before, or less by an event on an internal channel
  | 'outdated'; // the page is older than the server's definition of this channel

/** What a stream's first frame says of the server, besides its own meaning. */
export interface StreamGreeting {
  /** Each channel's contract version, see `contractOf`. */
  readonly contract?: Readonly<Record<string, string>>;
  /** The server's clock, in milliseconds since 1970. */
  readonly now?: number;
}

/** "Everything you hear from now on comes after this frame." */
export interface PositionEvent extends StreamGreeting {
  readonly channel: 'position';
  /** How many frames the stream brought before this one: whoever counts others has lost some. Not on the first. */
  readonly sent?: number;
}

/** "You may have missed anything (on `channels`, or on all of them): refetch." */
export interface ResyncEvent extends StreamGreeting {
  readonly channel: 'resync';
  readonly reason: ResyncReason;
  readonly channels?: readonly string[];
  /** Many were told at once, and take turns: refetch in so many milliseconds. Default: now. */
  readonly spread?: number;
}

/** What a stream carries. Its first frame is always a `position` or a `resync`. */
export type StreamEvent<Event extends { readonly channel: string }> = Event | PositionEvent | ResyncEvent;
