import { createChangeEvents, createChangeTriggers } from '@processflow/events/postgres';
import { expect, test } from 'vitest';

import { createServers } from '../change-log/servers.ts';
import { createDb, createPool } from '../client.ts';
import { listenPlainly } from './fixture.ts';

test('with change_log.ring_limit = 0 a transaction can be prepared, holds no doorbell, and is in the log once it commits', async () => {
  await using servers = await createServers();
  await servers.start('two_phases');
  await servers.stop('two_phases');
  await servers.configure('two_phases', 'max_prepared_transactions = 5');
  const { connectionString } = await servers.start('two_phases');
  const pool = createPool(connectionString);
  await using db = createDb(pool);
  await createChangeEvents(db);
  await pool.query('CREATE TABLE note (id integer PRIMARY KEY, text text)');
  await createChangeTriggers(db, 'note_changes', {
    table: 'note',
    columns: ['id', 'text'],
    audience: ['note:{id}'],
  });
  await using listener = await listenPlainly(connectionString, ['note_changes', 'change_log']);

  const write =
    "INSERT INTO note VALUES (1, 'a'); UPDATE note SET text = 'b'; TRUNCATE note; PREPARE TRANSACTION 'p'";
  const client = await pool.connect();
  const refused = client.query(`BEGIN; ${write}`);
  await expect(refused).rejects.toThrow(/PREPARE a transaction that has executed.*NOTIFY/);
  await client.query('ROLLBACK');
  client.release();

  await pool.query(`BEGIN; SET LOCAL change_log.ring_limit = 0; ${write}`);
  expect((await pool.query('SELECT FROM change_log')).rowCount).toBe(0);
  expect((await pool.query(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).rows).toEqual([]);
  await pool.query(`COMMIT PREPARED 'p'`);
  const { rows } = await pool.query(
    `SELECT payload::json ->> 'operation' AS operation, rung FROM change_log ORDER BY id`,
  );
  expect(rows).toEqual(['INSERT', 'UPDATE', 'RESYNC'].map((operation) => ({ operation, rung: false })));
  expect(await listener.take()).toEqual([]);
  // Once it is over, the setting is the empty text, and counts as not set.
  await pool.query(`INSERT INTO note VALUES (2, 'c')`);
  expect(await listener.take()).toHaveLength(1);
}, 60_000);
