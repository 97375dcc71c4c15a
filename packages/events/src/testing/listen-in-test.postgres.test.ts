import type { Generated } from 'kysely';
import { expect, expectTypeOf, test } from 'vitest';

import { testDatabase } from '../../../../db/testing.ts';
import { type ChangeEvents, defineChannels, EventsError } from '../index.ts';
import { createChangeEvents, createChangeTriggers } from '../postgres/index.ts';
import { listenInTest } from '../testing.ts';

interface Database {
  note: { id: Generated<number>; board: number; body: string; tags: string[] | null };
  board: { id: Generated<number>; name: string };
}

const channels = defineChannels<Database>()({
  note_changes: { table: 'note', columns: ['id', 'board', 'body', 'tags'], audience: ['board:{board}'] },
  'Board "changes"': { table: 'board', columns: ['id', 'name'], audience: ['board:{id}'] },
});

type NoteEvent = ChangeEvents<Database, typeof channels>;

/** A database with both tables announced, a client that writes, and an ear. */
async function setUp(timeoutMs?: number) {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase({ migrated: false }));
  const { pool, db, connectionString } = database;
  await pool.query(`CREATE TABLE note (id serial PRIMARY KEY, board int, body text, tags text[]);
    CREATE TABLE board (id serial PRIMARY KEY, name text)`);
  await createChangeEvents(db);
  for (const [channel, definition] of Object.entries(channels)) {
    // oxlint-disable-next-line no-await-in-loop -- on one connection
    await createChangeTriggers(db, channel, definition);
  }
  const options = { connectionString, definitions: channels, ...(timeoutMs !== undefined && { timeoutMs }) };
  const ear = stack.use(await listenInTest<NoteEvent>(options));
  const owned = stack.move();
  return { pool, connectionString, ear, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

test('gives out the event that was asked for, whichever came first, and each only once', async () => {
  await using given = await setUp(300);
  const { ear, pool } = given;
  await pool.query(`INSERT INTO note (board, body) VALUES (1, 'a'), (1, 'b')`);
  await pool.query(`UPDATE note SET body = 'c', tags = '{x,y}' WHERE id = 2`);
  const updated = await ear.heard('note_changes', { operation: 'UPDATE', tags: ['x', 'y'] });
  expect(updated).toMatchObject({ id: 2, board: 1, body: 'c', changed: ['body', 'tags'] });
  await ear.heard('note_changes', { id: 2 });
  await ear.heard('note_changes');
  await ear.nothingMore();
  expect(await failureOf(ear.heard('note_changes', { id: 2 }))).toMatchObject({ code: 'not-heard' });
});

test('waits for what is committed later, and each of two waiters gets its own', async () => {
  await using given = await setUp();
  const { ear, pool } = given;
  const both = Promise.all([
    ear.heard('note_changes', { operation: 'INSERT' }),
    ear.heard('note_changes', { operation: 'INSERT' }),
    ear.heard('Board "changes"', { name: 'later' }),
  ]);
  await pool.query(`INSERT INTO note (board, body) VALUES (1, 'a'), (1, 'b')`);
  await pool.query(`INSERT INTO board (name) VALUES ('later')`);
  const [first, second] = await both;
  expect([first.body, second.body].toSorted()).toEqual(['a', 'b']);
  await ear.nothingMore();
});

test('says what was heard instead', async () => {
  await using given = await setUp(50);
  const { ear, pool } = given;
  expect(await failureOf(ear.heard('note_changes'))).toMatchObject({
    message: expect.stringMatching(/within 50 ms: \{"channel":"note_changes"\}. Heard instead: nothing/),
  });
  await pool.query(`INSERT INTO note (board, body) VALUES (1, 'a')`);
  await pool.query(`TRUNCATE board`);
  const error = await failureOf(ear.heard('note_changes', { operation: 'UPDATE', body: 'a' }));
  expect(error).toBeInstanceOf(EventsError);
  expect(error).toMatchObject({
    code: 'not-heard',
    message: expect.stringMatching(
      /"operation":"UPDATE".*\n {2}\{"channel":"note_changes".*"INSERT".*"body":"a".*\n {2}a resync of channel "Board/,
    ),
  });
});

test('nothing more: finds whatever was committed before, without waiting', async () => {
  await using given = await setUp();
  const { ear, pool } = given;
  await ear.nothingMore();
  await pool.query(`BEGIN; INSERT INTO note (board, body) VALUES (1, 'taken back'); ROLLBACK`);
  await ear.nothingMore();
  await pool.query(`INSERT INTO note (board, body) VALUES (1, 'one')`);
  const error = await failureOf(ear.nothingMore());
  expect(error).toMatchObject({ code: 'heard-more', message: expect.stringContaining('"body":"one"') });
  await ear.heard('note_changes', { body: 'one' });
  await ear.nothingMore();
});

test('hears a TRUNCATE as a resync', async () => {
  await using given = await setUp();
  const { ear, pool } = given;
  await pool.query(`TRUNCATE note`);
  expect(await failureOf(ear.nothingMore())).toMatchObject({ code: 'heard-more' });
  await ear.heardResync('note_changes');
  await ear.nothingMore();
});

test('two ears at one database do not take each other’s markers for their own', async () => {
  await using given = await setUp();
  const { connectionString, pool } = given;
  await using other = await listenInTest<NoteEvent>({ connectionString, definitions: channels });
  await Promise.all([given.ear.nothingMore(), other.nothingMore()]);
  await pool.query(`INSERT INTO board (name) VALUES ('b')`);
  const heard = await Promise.all([given.ear.heard('Board "changes"'), other.heard('Board "changes"')]);
  expect(heard.map(({ name }) => name)).toEqual(['b', 'b']);
  await Promise.all([given.ear.nothingMore(), other.nothingMore()]);
});

test('what no trigger of ours wrote, and a lost connection, fail everything that waits or comes after', async () => {
  {
    await using given = await setUp();
    const waiting = failureOf(given.ear.heard('note_changes'));
    await given.pool.query(`NOTIFY note_changes, 'nonsense'`);
    expect(await waiting).toMatchObject({ code: 'bad-payload' });
    expect(await failureOf(given.ear.nothingMore())).toMatchObject({ code: 'bad-payload' });
  }
  await using given = await setUp();
  const waiting = failureOf(given.ear.heard('note_changes'));
  await given.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'listen-in-test' AND datname = current_database()`,
  );
  expect(await waiting).toMatchObject({
    code: 'not-heard',
    message: expect.stringContaining('connection'),
  });
  expect(await failureOf(given.ear.nothingMore())).toMatchObject({ code: 'not-heard' });
});

test('what still waits when the ear is disposed of is told so at once', async () => {
  let waiting: Promise<unknown> | undefined;
  {
    await using given = await setUp();
    waiting = failureOf(given.ear.heard('note_changes'));
  }
  expect(await waiting).toMatchObject({ message: expect.stringContaining('disposed') });
});

test('what is asked for and what is given are typed by the channel and the operation', async () => {
  await using given = await setUp();
  const { ear, pool } = given;
  await pool.query(`INSERT INTO note (board, body) VALUES (1, 'a')`);
  const inserted = await ear.heard('note_changes', { operation: 'INSERT', board: 1 });
  expectTypeOf(inserted.body).toEqualTypeOf<string>();
  expectTypeOf(inserted.operation).toEqualTypeOf<'INSERT'>();
  expect(inserted).not.toHaveProperty('changed');
  // Never run: only its types matter.
  const wrong = (): void => {
    // @ts-expect-error -- there is no such channel
    void ear.heard('note_chnages');
    // @ts-expect-error -- the channel does not carry it
    void ear.heard('Board "changes"', { body: 'a' });
    // @ts-expect-error -- it is a number
    void ear.heard('note_changes', { board: '1' });
    // @ts-expect-error -- there is no such operation
    void ear.heard('note_changes', { operation: 'UPSERT' });
    // @ts-expect-error -- only an UPDATE says what changed
    void ear.heard('note_changes', { operation: 'INSERT', changed: ['body'] });
    void ear.heard('note_changes', { operation: 'UPDATE' }).then(({ changed }) => {
      expectTypeOf(changed).toEqualTypeOf<readonly ('id' | 'board' | 'body' | 'tags')[]>();
    });
  };
  expect(wrong).toBeTypeOf('function');
});

test('without a type for the events, any channel and any column may be asked for', async () => {
  await using database = await testDatabase({ migrated: false });
  await using ear = await listenInTest({
    connectionString: database.connectionString,
    definitions: channels,
  });
  const notify = (payload: object) =>
    database.pool.query('SELECT pg_notify($1, $2)', ['note_changes', JSON.stringify(payload)]);
  await notify({
    operation: 'DELETE',
    seq: 1,
    announced_at: '2026-01-01T00:00:00Z',
    id: 1,
    board: 2,
    body: 'b',
    tags: null,
  });
  expect(await ear.heard('note_changes', { operation: 'DELETE', board: 2 })).toMatchObject({ id: 1 });
});
