import { createChangeEvents, createChangeTriggers, dropChangeTriggers } from '@processflow/events/postgres';
import type { Kysely } from 'kysely';

import { channels } from './0004_announcements.ts';

/** Events say when they were announced and, of an UPDATE, what changed; also where 0004 ran before they did. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createChangeEvents(db);
  for (const [channel, definition] of Object.entries(channels)) {
    await dropChangeTriggers(db, definition.table);
    await createChangeTriggers(db, channel, definition);
  }
}

/** The kit writes the triggers of 0004 in the same way now: nothing to take back. */
export async function down(): Promise<void> {}
