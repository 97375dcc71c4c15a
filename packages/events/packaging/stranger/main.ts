/** Every entry at work, once: `node main.ts postgres://...` on an empty database prints what came of it. */
import { createLiveStore } from '@processflow/events/react';
import { fakeStream, listenInTest } from '@processflow/events/testing';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { renderToString } from 'react-dom/server';
import { type AppEvent, channels, type Database } from './channels.ts';
import { createClient, createStore, keepTrue, page } from './live.ts';
import { migrate, serve } from './server.ts';

const connectionString = process.argv[2] ?? '';
const db = new Kysely<Database>({
  dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString }) }),
});
await migrate(db);
const server = await serve(db, connectionString);
const ear = await listenInTest<AppEvent>({ connectionString, definitions: channels });

const client = createClient(server.url);
const store = createStore(client);
const queryClient = new QueryClient();
const invalidator = keepTrue(queryClient);
const notes = new QueryObserver(queryClient, { queryKey: ['notes'], queryFn: () => client.notes.query() });
const shown = new Promise<string[]>((resolve) => {
  notes.subscribe(({ data = [] }) => data.length > 0 && resolve(data.map(({ text }) => text)));
});
store.addListener(invalidator);
const heard = new Promise<AppEvent>((resolve) => {
  store.addListener({ channels: ['note_changes'], onEvent: resolve });
});
await new Promise<void>((resolve) => {
  store.subscribeStatus(() => store.getStatus().state === 'live' && resolve());
});
const html = renderToString(page(store));

await db.insertInto('note').values({ board_id: 1, text: 'written', bytes: '9007199254740993' }).execute();
const { operation, channel, bytes } = await heard;
await ear.heard('note_changes', { operation: 'INSERT', text: 'written' });
await ear.nothingMore();

const stream = fakeStream<AppEvent>();
const faked: string[] = [];
const fakeStore = createLiveStore<AppEvent>({ source: stream });
fakeStore.addListener({ onEvent: (event) => void faked.push(event.text) });
stream.emit({
  channel: 'note_changes',
  operation: 'DELETE',
  id: 1,
  board_id: 1,
  text: 'faked',
  bytes: '1',
  written_at: '2026-01-01T00:00:00Z',
});

console.log(JSON.stringify({ operation, channel, bytes, shown: await shown, html, faked }));

fakeStore.close();
store.close();
invalidator.dispose();
queryClient.clear();
await ear[Symbol.asyncDispose]();
await server.close();
await db.destroy();
