import { listen, type ListenOptions } from '@processflow/events/postgres';
import { tcpProxy } from '@processflow/events/testing';
import pg from 'pg';
import { expect, test, vi } from 'vitest';

import { testDatabase, testPostgres } from '../testing.ts';

const QUICK = { heartbeat: 50, timeout: 300, longestPause: 100 };

/** A listener that notes all it is told, and a second client to speak to it. */
async function listening(connectionString: string, options: Partial<ListenOptions> = {}) {
  const heard: string[] = [];
  const errors: unknown[] = [];
  const listener = await listen({
    connectionString,
    channels: ['notes', 'Quoted "channel"'],
    onNotification: (channel, payload) => heard.push(`${channel}: ${payload}`),
    onGap: () => heard.push('gap'),
    onError: (error) => errors.push(error),
    ...QUICK,
    ...options,
  });
  return { heard, errors, listener, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

const LISTENERS = `SELECT pid FROM pg_stat_activity WHERE application_name = 'listener' AND datname = current_database()`;

test('hears what is committed, in order, on one connection', async () => {
  await using database = await testDatabase();
  await using listener = await listening(database.connectionString);
  const { pool } = database;
  await pool.query(`NOTIFY notes, 'one'`);
  await pool.query(`BEGIN; NOTIFY notes, 'never'; ROLLBACK`);
  await pool.query(`NOTIFY "Quoted ""channel""", 'two'`);
  await vi.waitFor(() => expect(listener.heard).toEqual(['notes: one', 'Quoted "channel": two']));
  expect((await pool.query(LISTENERS)).rowCount).toBe(1);
  expect(listener.errors).toEqual([]);
});

test('comes back from a terminated backend, says that there was a gap, and then hears again', async () => {
  await using database = await testDatabase();
  await using listener = await listening(database.connectionString);
  const { pool } = database;
  await pool.query(`SELECT pg_terminate_backend(pid) FROM (${LISTENERS}) l`);
  await vi.waitFor(() => expect(listener.heard).toEqual(['gap']));
  expect(listener.listener.state).toBe('listening');
  await pool.query(`NOTIFY notes, 'after'`);
  await vi.waitFor(() => expect(listener.heard).toEqual(['gap', 'notes: after']));
  expect(listener.errors.length).toBeGreaterThan(0);
});

test('survives a database that is away for long, and a restart', async () => {
  await using postgres = await testPostgres({ migrated: false });
  await using listener = await listening(postgres.connectionString);
  await postgres.stop();
  // Refused again and again: a listener that gives up would be closed by now.
  await vi.waitFor(() => expect(listener.errors.length).toBeGreaterThan(5), { timeout: 10_000 });
  expect(listener.listener.state).toBe('connecting');
  await postgres.restart();
  await vi.waitFor(() => expect(listener.heard).toEqual(['gap']), { timeout: 10_000 });
  await postgres.pool.query(`NOTIFY notes, 'after'`);
  await vi.waitFor(() => expect(listener.heard).toEqual(['gap', 'notes: after']));
});

test('notices a connection that has gone silent', async () => {
  await using database = await testDatabase();
  const address = new URL(database.connectionString);
  await using proxy = await tcpProxy(Number(address.port));
  address.port = String(proxy.port);
  await using listener = await listening(address.href);
  proxy.goSilent();
  await vi.waitFor(() => expect(listener.listener.state).toBe('connecting'), { timeout: 5_000 });
  proxy.speak();
  await vi.waitFor(() => expect(listener.heard).toEqual(['gap']), { timeout: 5_000 });
  await database.pool.query(`NOTIFY notes, 'after'`);
  await vi.waitFor(() => expect(listener.heard).toEqual(['gap', 'notes: after']));
});

test('notices a connection whose LISTEN is gone', async () => {
  await using database = await testDatabase();
  // As a pooler in between would: the first connection's LISTEN goes to a session that is not kept.
  const prototype = pg.Client.prototype as { query(...args: unknown[]): unknown };
  const { query } = prototype;
  let swallowed = 0;
  const spy = vi.spyOn(prototype, 'query').mockImplementation(function (this: pg.Client, ...args) {
    const isFirstListen = String(args[0]).startsWith('LISTEN') && swallowed++ === 0;
    return query.apply(this, isFirstListen ? ['SELECT 1'] : args);
  });
  try {
    await using listener = await listening(database.connectionString);
    await vi.waitFor(() => expect(listener.heard).toEqual(['gap']));
    expect(listener.errors[0]).toMatchObject({
      code: 'cannot-listen',
      message: expect.stringContaining('no longer listens on notes'),
    });
    await database.pool.query(`NOTIFY notes, 'after'`);
    await vi.waitFor(() => expect(listener.heard).toEqual(['gap', 'notes: after']));
  } finally {
    spy.mockRestore();
  }
});

test('a notification that cannot be handled is reported, and the next one is heard', async () => {
  await using database = await testDatabase();
  const heard: string[] = [];
  await using listener = await listening(database.connectionString, {
    onNotification: (_, payload) => {
      if (payload === 'bad') throw new Error('cannot be read');
      heard.push(payload);
    },
  });
  await database.pool.query(`NOTIFY notes, 'bad'`);
  await database.pool.query(`NOTIFY notes, 'good'`);
  await vi.waitFor(() => expect(heard).toEqual(['good']));
  expect(listener.errors.map(String)).toEqual(['Error: cannot be read']);
});

test('closing wins over connecting again', async () => {
  await using postgres = await testPostgres({ migrated: false });
  const { listener, errors } = await listening(postgres.connectionString, { longestPause: 60_000 });
  await postgres.stop();
  await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0));
  await listener[Symbol.asyncDispose]();
  expect(listener.state).toBe('closed');
});

test('the first connection’s failure is the caller’s to know', async () => {
  await expect(listening('postgres://nobody@127.0.0.1:1/nothing')).rejects.toMatchObject({
    name: 'EventsError',
    code: 'cannot-listen',
    message: expect.stringMatching(/Cannot listen on .*ECONNREFUSED 127\.0\.0\.1:1.*a direct connection/),
    cause: { code: 'ECONNREFUSED' },
  });
});
