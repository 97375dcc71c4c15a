import { expectTypeOf, test } from 'vitest';
import { defineChannels } from './contract.ts';
import type { ChangeEvents } from './event.ts';

interface Database {
  role: { id: number; team_id: number; name: string };
  order: { id: bigint; price: { __select__: string; __insert__: string | number }; note: string | null };
}

test('the definitions keep their literal types, which the events follow from', () => {
  const channels = defineChannels<Database>()({
    role_changes: { table: 'role', columns: ['id', 'name'], watch: ['team_id'], audience: ['role:{id}'] },
    order_changes: {
      table: 'order',
      columns: ['id', 'price', 'note'],
      text: ['id', 'price'],
      audience: ['order:{id}'],
    },
  });
  expectTypeOf(channels.role_changes.columns).toEqualTypeOf<readonly ['id', 'name']>();
  type Event = ChangeEvents<Database, typeof channels>;
  type Order = Extract<Event, { channel: 'order_changes'; operation: 'UPDATE' }>;
  expectTypeOf<Order>().toHaveProperty('id').toEqualTypeOf<string>();
  expectTypeOf<Order>().toHaveProperty('price').toEqualTypeOf<string>();
  expectTypeOf<Order>().toHaveProperty('note').toEqualTypeOf<string | null>();
  type RoleUpdate = Extract<Event, { channel: 'role_changes'; operation: 'UPDATE' }>;
  expectTypeOf<RoleUpdate>()
    .toHaveProperty('changed')
    .toEqualTypeOf<readonly ('id' | 'name' | 'team_id')[]>();
});

test('an error stands at the very word', () => {
  defineChannels<Database>()({
    role_changes: {
      // @ts-expect-error no such table
      table: 'roles',
      columns: [],
      audience: [],
    },
  });
  defineChannels<Database>()({
    role_changes: {
      table: 'role',
      columns: [
        'id',
        // @ts-expect-error no such column
        'nmae',
      ],
      watch: [
        'team_id',
        // @ts-expect-error no such column
        'colour',
      ],
      audience: [
        'role:{id}',
        // @ts-expect-error not carried
        'team:{team_id}',
      ],
      // @ts-expect-error no such option
      colums: [],
    },
  });
  defineChannels<Database>()({
    order_changes: {
      table: 'order',
      columns: [
        'note',
        // @ts-expect-error a bigint, which must be listed in text
        'id',
        // @ts-expect-error generated for numeric, which must be listed in text
        'price',
      ],
      audience: ['order:{id}'],
    },
    // @ts-expect-error reserved
    resync: { table: 'role', columns: ['id'], audience: ['role:{id}'] },
  });
});
