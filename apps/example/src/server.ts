import { startEmbeddedPostgres } from '@processflow/db/embedded';
import { type ChangeEvents, defineChannels } from '@processflow/events';
import { createChangeEvents, createChangeTriggers, listenForChanges } from '@processflow/events/postgres';
import { createHub, streamInput, topicAccess, trackedEvents } from '@processflow/events/server';
import { initTRPC } from '@trpc/server';
import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { type Generated, Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import sirv from 'sirv';
import { z } from 'zod';

type Database = { item: { id: Generated<number>; list: string; name: string } };

async function createItem({ schema }: Kysely<unknown>): Promise<void> {
  const item = schema.createTable('item').addColumn('id', 'serial', (column) => column.primaryKey());
  await item.addColumn('list', 'text').addColumn('name', 'text').execute();
}

// #region live
async function announceItem(db: Kysely<unknown>): Promise<void> {
  const channel = { table: 'item', columns: ['id', 'list'], audience: ['list:{list}'] };
  await createChangeEvents(db);
  await createChangeTriggers(db, 'item_changes', channel);
}

const channels = defineChannels<Database>()({
  item_changes: { table: 'item', columns: ['id', 'list'], audience: ['list:{list}'] },
});
export type AppEvent = ChangeEvents<Database, typeof channels>;
// #endregion

const { DATABASE_URL: given, PORT = '3001' } = process.env;
const connectionString =
  given ?? (await startEmbeddedPostgres({ dataDir: '.data/postgres' })).connectionString;
const onError = console.error;
const pool = new pg.Pool({ connectionString }).on('error', onError);
const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
const migrations = { '1_item': { up: createItem }, '2_item_changes': { up: announceItem } };
const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
const { error } = await migrator.migrateToLatest();
if (error instanceof Error) throw error;

// #region live
const viewer = (key: string) => Promise.resolve({ topics: [`list:${key}`] });
const access = topicAccess<string, AppEvent>({ definitions: channels, viewer });
const hub = createHub({ definitions: channels, onError, ...access });
await listenForChanges({ definitions: channels, hub, connectionString, onError });
// #endregion

const list = 'shopping';
const t = initTRPC.create({ sse: { ping: { enabled: true, intervalMs: 15_000 } } });
const router = t.router({
  items: t.procedure.query(() =>
    db.selectFrom('item').selectAll().where('list', '=', list).orderBy('id').execute(),
  ),
  add: t.procedure.input(z.string().trim().min(1)).mutation(async ({ input: name }) => {
    await db.insertInto('item').values({ list, name }).execute();
  }),
  // #region live
  changes: t.procedure
    .input(streamInput(channels).optional())
    .subscription(({ input, signal }) => trackedEvents(hub.subscribe({ key: list, ...input, signal }))),
  // #endregion
});
export type AppRouter = typeof router;

const server = createHTTPServer({ router, basePath: '/trpc/', middleware: sirv('dist') });
server.once('error', ({ message }) => {
  console.error(`${message}. Set PORT to another one.`);
  process.exit(1);
});
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`The shopping list is at http://localhost:${(server.address() as { port: number }).port}`);
  if (given === undefined) console.log(`Its database, for psql: ${connectionString}`);
});
