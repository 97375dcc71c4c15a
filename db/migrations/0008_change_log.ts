import { createChangeEvents, createChangeTriggers, dropChangeTriggers } from '@processflow/events/postgres';
import { type Kysely, sql } from 'kysely';

import { channels } from './0004_announcements.ts';
import { apiTokenChanges } from './0006_api_tokens.ts';
import { probeChanges } from './0007_probe.ts';

/** Triggers append every event to the change log; also where the migrations before this ran before they did. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createChangeEvents(db);
  const all = { ...channels, api_token_changes: apiTokenChanges, probe_changes: probeChanges };
  for (const [channel, definition] of Object.entries(all)) {
    await dropChangeTriggers(db, definition.table);
    await createChangeTriggers(db, channel, definition);
  }
  // What the triggers of before called.
  await sql`DROP FUNCTION IF EXISTS public.change_event_notify(text, json, text[])`.execute(db);
}

/** The kit writes the log and the triggers in the same way now: nothing to take back. */
export async function down(): Promise<void> {}
