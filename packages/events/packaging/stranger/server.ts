import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createChangeEvents, createChangeTriggers, listenForChanges } from '@processflow/events/postgres';
import { createHub, streamInput, topicAccess, trackedEvents } from '@processflow/events/server';
import { initTRPC } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { type Kysely, sql } from 'kysely';
import { type AppEvent, channels, contract, type Database } from './channels.ts';

export async function migrate(db: Kysely<Database>): Promise<void> {
  await sql`CREATE TABLE note (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, board_id integer NOT NULL, text text NOT NULL,
    bytes bigint NOT NULL, written_at timestamptz NOT NULL DEFAULT now())`.execute(db);
  await createChangeEvents(db);
  await createChangeTriggers(db, 'note_changes', channels.note_changes);
}

function createNotesHub() {
  return createHub({
    definitions: channels,
    contract,
    onError: console.error,
    ...topicAccess<string, AppEvent>({
      definitions: channels,
      viewer: async () => ({ topics: ['board:1'] }),
    }),
  });
}

function createRouter(db: Kysely<Database>, hub: ReturnType<typeof createNotesHub>) {
  const { procedure, router } = initTRPC.create();
  return router({
    notes: procedure.query(() => db.selectFrom('note').select(['id', 'text']).orderBy('id').execute()),
    changes: procedure
      .input(streamInput(channels).optional())
      .subscription(({ input, signal }) =>
        trackedEvents(hub.subscribe({ key: 'anybody', ...input, signal: signal ?? undefined })),
      ),
  });
}

export type AppRouter = ReturnType<typeof createRouter>;

export async function serve(db: Kysely<Database>, connectionString: string) {
  const hub = createNotesHub();
  const listener = await listenForChanges({
    definitions: channels,
    hub,
    connectionString,
    onError: console.error,
  });
  const server = createServer(createHTTPHandler({ router: createRouter(db, hub) }));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await listener[Symbol.asyncDispose]();
    },
  };
}
