import { type ChangeEvents, contractOf, defineChannels } from '@processflow/events';
import type { ColumnType, Generated } from 'kysely';

/** As a generator writes it: `bytes` is a `bigint`. */
export interface Database {
  note: {
    id: Generated<number>;
    board_id: number;
    text: string;
    bytes: ColumnType<string, string | number, string | number>;
    written_at: Generated<Date>;
  };
}

export const channels = defineChannels<Database>()({
  note_changes: {
    table: 'note',
    columns: ['id', 'board_id', 'text', 'bytes', 'written_at'],
    text: ['bytes'],
    audience: ['board:{board_id}'],
  },
});

export type AppEvent = ChangeEvents<Database, typeof channels>;

export const contract = contractOf(channels);
