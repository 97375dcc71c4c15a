/** Each marked line must not compile, for a stranger as for us. */
import { defineChannels } from '@processflow/events';
import { createInvalidator, keys } from '@processflow/events/react';
import { streamInput } from '@processflow/events/server';
import { fakeStream, listenInTest } from '@processflow/events/testing';
import { createChangeTriggers } from '@processflow/events/postgres';
import { QueryClient } from '@tanstack/react-query';
import type { Kysely } from 'kysely';
import { type AppEvent, channels, type Database } from './channels.ts';

defineChannels<Database>()({
  note_changes: {
    table: 'note',
    // @ts-expect-error -- the table has no such column
    columns: ['id', 'titel'],
    audience: ['note:{id}'],
  },
});

// @ts-expect-error -- a channel without a rule
createInvalidator<AppEvent>(new QueryClient(), { rules: {} });

export function misread(event: AppEvent): unknown {
  // @ts-expect-error -- the event has no such column
  return event.titel;
}

createInvalidator<AppEvent>(new QueryClient(), {
  // @ts-expect-error -- compared with what it can never be
  rules: { note_changes: { all: [], event: (event) => keys([event.operation === 'UPSERT']) } },
});

// @ts-expect-error -- no such channel
streamInput(channels).parse({}).channels?.includes('note_chnages');

// @ts-expect-error -- no such channel
fakeStream<AppEvent>().resync('gap', ['note_chnages']);

const ear = await listenInTest<AppEvent>({ connectionString: '', definitions: channels });
// @ts-expect-error -- a number is not a text
await ear.heard('note_changes', { text: 7 });

export const migrate = (db: Kysely<Database>) =>
  // @ts-expect-error -- its audience is missing
  createChangeTriggers(db, 'note_changes', { table: 'note', columns: ['id'] });
