import type { ColumnType, GeneratedAlways } from 'kysely';
import { expectTypeOf, test } from 'vitest';

import { defineChannels } from './contract.ts';
import type { ChangeEvents, PublicChannel } from './event.ts';

/** As generators type what JSON numbers cannot hold. */
type Int8 = ColumnType<string, bigint | number | string, bigint | number | string>;
type Numeric = ColumnType<string, number | string, number | string>;
type Generated<T> =
  T extends ColumnType<infer S, infer I, infer U>
    ? ColumnType<S, I | undefined, U>
    : ColumnType<T, T | undefined, T>;
type Timestamp = ColumnType<Date, Date | string, Date | string>;

type JsonValue = JsonValue[] | { [key: string]: JsonValue } | boolean | number | string | null;
type Json = ColumnType<JsonValue, string, string>;

interface Database {
  order: {
    id: GeneratedAlways<number>;
    team_id: number;
    state: 'open' | 'paid';
    title: string | null;
    tags: string[];
    placed_at: Timestamp;
    paid_at: Timestamp | null;
    seen: Generated<Date>[];
    image: Buffer;
    total: Generated<Int8>;
    exact: Numeric | null;
    huge: bigint;
    hugest: bigint[];
    totals: ColumnType<string[], (bigint | number | string)[], (bigint | number | string)[]>;
    exacts: Numeric[] | null;
    notes: Json | null;
    seq: number;
  };
}

const channels = defineChannels<Database>()({
  order_changes: {
    table: 'order',
    columns: [
      'id',
      'team_id',
      'state',
      'title',
      'tags',
      'placed_at',
      'paid_at',
      'image',
      'total',
      'exact',
      'huge',
    ],
    watch: ['state', 'hugest'],
    text: ['total', 'exact', 'huge'],
    audience: ['team:{team_id}'],
  },
  order_secrets: { table: 'order', columns: ['id'], audience: ['x:{id}'], internal: true },
});

type Event = Extract<ChangeEvents<Database, typeof channels>, { channel: 'order_changes' }>;

test('columns have the type that they have on the wire', () => {
  expectTypeOf<Event['id']>().toEqualTypeOf<number>();
  expectTypeOf<Event['state']>().toEqualTypeOf<'open' | 'paid'>();
  expectTypeOf<Event['title']>().toEqualTypeOf<string | null>();
  expectTypeOf<Event['tags']>().toEqualTypeOf<string[]>();
  expectTypeOf<Event['placed_at']>().toEqualTypeOf<string>();
  expectTypeOf<Event['paid_at']>().toEqualTypeOf<string | null>();
  expectTypeOf<Event['image']>().toEqualTypeOf<string>();
  expectTypeOf<Event['total']>().toEqualTypeOf<string>();
  expectTypeOf<Event['exact']>().toEqualTypeOf<string | null>();
  expectTypeOf<Event['huge']>().toEqualTypeOf<string>();
});

test('events are discriminated by their operation; only an UPDATE says what changed', () => {
  expectTypeOf<Event['operation']>().toEqualTypeOf<'INSERT' | 'UPDATE' | 'DELETE'>();
  expectTypeOf<Extract<Event, { operation: 'UPDATE' }>['changed']>().toEqualTypeOf<
    readonly (
      | 'id'
      | 'team_id'
      | 'state'
      | 'title'
      | 'tags'
      | 'placed_at'
      | 'paid_at'
      | 'image'
      | 'total'
      | 'exact'
      | 'huge'
      | 'hugest'
    )[]
  >();
  expectTypeOf<Extract<Event, { operation: 'INSERT' }>>().not.toHaveProperty('changed');
  expectTypeOf<PublicChannel<typeof channels>>().toEqualTypeOf<'order_changes'>();
});

const define = defineChannels<Database>();
const order = { table: 'order', audience: ['x:{id}'] } as const;

test('what cannot be announced does not compile', () => {
  expectTypeOf(define).toBeFunction();
  // @ts-expect-error no such table
  define({ a: { table: 'ordr', columns: ['id'], audience: ['x:{id}'] } });
  // @ts-expect-error no such column
  define({ a: { ...order, columns: ['id', 'titel'] } });
  // @ts-expect-error a bigint must travel as text
  define({ a: { ...order, columns: ['id', 'huge'] } });
  // @ts-expect-error as must a list of them
  define({ a: { ...order, columns: ['id', 'hugest'] } });
  // @ts-expect-error and a string that is a number in the database
  define({ a: { ...order, columns: ['id', 'total'] } });
  // @ts-expect-error numeric likewise
  define({ a: { ...order, columns: ['id', 'exact'] } });
  // @ts-expect-error a list of bigint, as generators type it
  define({ a: { ...order, columns: ['id', 'totals'] } });
  // @ts-expect-error a list of numeric
  define({ a: { ...order, columns: ['id', 'exacts'] } });
  // @ts-expect-error a reserved column
  define({ a: { ...order, columns: ['id', 'seq'] } });
  // @ts-expect-error a reserved channel
  define({ resync: { ...order, columns: ['id'] } });
  // @ts-expect-error the audience names what is not carried
  define({ a: { ...order, columns: ['id'], audience: ['team:{team_id}'] } });
  // @ts-expect-error a topic without a column
  define({ a: { ...order, columns: ['id'], audience: ['everyone'] } });
  // @ts-expect-error watches what is not there
  define({ a: { ...order, columns: ['id'], watch: ['titel'] } });
  // @ts-expect-error a topic with two columns
  define({ a: { ...order, columns: ['id', 'team_id'], audience: ['team:{team_id}/x:{id}'] } });
  // @ts-expect-error one of which is not there
  define({ a: { ...order, columns: ['id'], audience: ['x:{id}', 'x:{id}/y:{nope}'] } });
  // @ts-expect-error no columns
  define({ a: { table: 'order', columns: [], audience: [] } });
  // @ts-expect-error no audience
  define({ a: { table: 'order', columns: ['id'], audience: [] } });
  // @ts-expect-error no key
  define({ a: { ...order, columns: ['id'], key: [] } });
  // @ts-expect-error nothing watched
  define({ a: { ...order, columns: ['id'], watch: [] } });
  // @ts-expect-error text of what is not carried
  define({ a: { ...order, columns: ['id'], text: ['total'] } });
});

test('lists, and columns of JSON, can be carried', () => {
  const lists = defineChannels<Database>()({
    a: { ...order, columns: ['id', 'tags', 'totals', 'exacts', 'notes'], text: ['totals', 'exacts'] },
  });
  type Lists = ChangeEvents<Database, typeof lists>;
  expectTypeOf<Lists['totals']>().toEqualTypeOf<string>();
  expectTypeOf<Lists['exacts']>().toEqualTypeOf<string | null>();
});
