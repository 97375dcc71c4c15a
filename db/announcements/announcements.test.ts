import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';

import { from as copyFrom } from 'pg-copy-streams';
import { createChangeTriggers, dropChangeTriggers } from '@processflow/events/postgres';
import { describe, expect, test } from 'vitest';

import { type AnyEvent, channels } from '../channels.ts';
import { testDatabase } from '../testing.ts';
import { insertRows, listenPlainly, PREPARATION, SURROUNDINGS, writes } from './fixture.ts';

const names = Object.keys(channels) as AnyEvent['channel'][];

/** A database with surroundings for `count` rows, and somebody who listens on the channel from then on. */
async function prepared(channel: AnyEvent['channel'], count: number) {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  const run = (statement: string) => database.pool.query(statement);
  await run(SURROUNDINGS);
  const preparation = PREPARATION[channel]?.(count);
  if (preparation !== undefined) await run(preparation);
  const listener = stack.use(await listenPlainly(database.connectionString, [channel]));
  return {
    database,
    run,
    take: () => listener.take(),
    async operations() {
      return (await listener.take()).map(({ event }) => event.operation);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe.each(names)('%s', (channel) => {
  const { table, columns } = channels[channel];
  const { made, change, move, rekey, lengthen, conflict, columns: inserted } = writes[channel];

  test('announces insert, update and delete with its columns and an increasing seq', async () => {
    await using db = await prepared(channel, 1);
    await db.run(insertRows(channel, 1));
    await db.run(`UPDATE ${table} SET ${change} WHERE ${made}`);
    await db.run(`DELETE FROM ${table} WHERE ${made}`);
    const heard = await db.take();
    expect(heard.map(({ event }) => event.operation)).toEqual(['INSERT', 'UPDATE', 'DELETE']);
    for (const { event, payload } of heard) {
      const head = event.operation === 'UPDATE' ? ['changed', 'seq'] : ['seq'];
      expect(Object.keys(event)).toEqual(['operation', ...columns, ...head, 'announced_at']);
      expect(event['announced_at']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/);
      expect(payload).toMatch(/^\{"operation":"/);
      expect(payload).not.toContain('secret token');
    }
    expect(heard[1]!.event.seq).toBeGreaterThan(heard[0]!.event.seq);
    expect(heard[2]!.event.seq).toBeGreaterThan(heard[1]!.event.seq);
  });

  test('is silent for an UPDATE that changes nothing', async () => {
    await using db = await prepared(channel, 1);
    await db.run(insertRows(channel, 1));
    await db.take();
    const [first] = inserted.split(', ');
    await db.run(`UPDATE ${table} SET ${first} = ${first}`);
    expect(await db.operations()).toEqual([]);
  });

  test('announces a row that changes its audience, or its key, as gone and as new', async () => {
    await using db = await prepared(channel, 1);
    await db.run(insertRows(channel, 1));
    await db.take();
    for (const assignment of [move, rekey]) {
      await db.run(`UPDATE ${table} SET ${assignment} WHERE ${made}`);
      const [gone, created, ...more] = await db.take();
      expect([gone?.event.operation, created?.event.operation, more]).toEqual(['DELETE', 'INSERT', []]);
      const [old, fresh] = [gone!.event, created!.event].map(
        ({ operation: _, seq: __, announced_at: ___, ...rest }) => rest,
      );
      expect(fresh).not.toEqual(old);
    }
  });

  test('announces nothing of a transaction or a savepoint that is rolled back', async () => {
    await using db = await prepared(channel, 1);
    await db.run(`BEGIN; ${insertRows(channel, 1)}; ROLLBACK`);
    await db.run(
      `BEGIN; SAVEPOINT s; ${insertRows(channel, 1)}; ROLLBACK TO s; ${insertRows(channel, 1)}; COMMIT`,
    );
    expect(await db.operations()).toEqual(['INSERT']);
  });

  test('announces two equal changes of one transaction as two events', async () => {
    await using db = await prepared(channel, 1);
    await db.run(
      `BEGIN; ${insertRows(channel, 1)}; DELETE FROM ${table} WHERE ${made}; ${insertRows(channel, 1)}; COMMIT`,
    );
    const heard = await db.take();
    expect(heard.map(({ event }) => event.operation)).toEqual(['INSERT', 'DELETE', 'INSERT']);
    expect(new Set(heard.map(({ event }) => event.seq)).size).toBe(3);
  });

  test('announces each row once: 10,000-row INSERT, UPDATE and DELETE', async () => {
    const count = 10_000;
    await using db = await prepared(channel, count);
    const logged = async (): Promise<Record<string, unknown>[]> => {
      const { rows } = await db.run(
        `DELETE FROM change_log WHERE channel = '${channel}' RETURNING payload::json AS event`,
      );
      return rows.map(({ event }) => event as Record<string, unknown>);
    };
    await logged();
    const onceEach = async (operation: string): Promise<void> => {
      const events = await logged();
      expect(events).toHaveLength(count);
      expect(new Set(events.map(({ id }) => id)).size).toBe(count);
      expect(new Set(events.map((event) => event['operation']))).toEqual(new Set([operation]));
    };
    await db.run(insertRows(channel, count));
    await onceEach('INSERT');
    await db.run(`UPDATE ${table} SET ${change} WHERE ${made}`);
    await onceEach('UPDATE');
    await db.run(`DELETE FROM ${table} WHERE ${made}`);
    await onceEach('DELETE');
  });

  test('announces upsert, MERGE and COPY, each row once', async () => {
    await using db = await prepared(channel, 4);
    await db.run(insertRows(channel, 2));
    await db.take();

    // Rows that differ by their generated key alone cannot conflict: all three are new.
    await db.run(`${insertRows(channel, 3)} ON CONFLICT DO NOTHING`);
    const upserted = await db.operations();
    expect(upserted).toEqual(conflict === 'id' ? ['INSERT', 'INSERT', 'INSERT'] : ['INSERT']);

    // PostgreSQL 14 knows no MERGE; there a plain DELETE stands in for it.
    const { rows: server } = await db.run(
      `SELECT current_setting('server_version_num')::int >= 150000 AS merges`,
    );
    const first = `SELECT id FROM ${table} WHERE ${made} ORDER BY id LIMIT 1`;
    await db.run(
      server[0].merges
        ? `MERGE INTO ${table} t USING (${first}) s ON t.id = s.id WHEN MATCHED THEN DELETE`
        : `DELETE FROM ${table} WHERE id = (${first})`,
    );
    expect(await db.operations()).toEqual(['DELETE']);

    const client = await db.database.pool.connect();
    try {
      const { values } = writes[channel];
      await client.query(`DELETE FROM ${table} WHERE ${made}`);
      await db.take();
      const { rows } = await client.query<{ line: string }>(
        `SELECT concat_ws(E'\\t', ${values('4')}) AS line`,
      );
      const target = client.query(copyFrom(`COPY ${table} (${inserted}) FROM STDIN`));
      await pipeline(Readable.from([`${rows[0]!.line}\n`]), target);
    } finally {
      client.release();
    }
    expect(await db.operations()).toEqual(['INSERT']);
  });

  test('announces TRUNCATE as a resync of its channel', async () => {
    await using db = await prepared(channel, 1);
    await db.run(`TRUNCATE ${table} CASCADE`);
    const heard = await db.take();
    expect(heard.map(({ channel: name, event }) => [name, event.operation])).toEqual([[channel, 'RESYNC']]);
  });

  if (lengthen !== undefined) {
    test('shortens the longest text of a payload that would not fit', async () => {
      await using db = await prepared(channel, 1);
      await db.run(insertRows(channel, 1));
      if (lengthen.unbound !== undefined)
        await db.run(`ALTER TABLE ${table} DROP CONSTRAINT ${lengthen.unbound}`);
      await db.take();
      await db.run(`UPDATE ${table} SET ${lengthen.set} WHERE ${made}`);
      const [one, ...more] = await db.take();
      expect(more).toEqual([]);
      const { event, payload } = one!;
      expect(event.operation).toBe('UPDATE');
      expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
      expect(Buffer.byteLength(payload)).toBeGreaterThan(7_000);
      expect(event['truncated']).toEqual([lengthen.column]);
      const { rows } = await db.run(`SELECT * FROM ${table} WHERE id = '${String(event['id'])}'`);
      expect(String(rows[0][lengthen.column])).toContain(String(event[lengthen.column]));
    });
  }

  test('works for a role with rights on the table alone, whatever its search_path', async () => {
    await using db = await prepared(channel, 1);
    const role = `writer_${db.database.name}`;
    await db.run(
      `CREATE ROLE ${role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${role};
       CREATE SCHEMA hostile; GRANT USAGE ON SCHEMA hostile TO ${role};
       CREATE FUNCTION hostile.row_to_json(anyelement) RETURNS json LANGUAGE sql AS 'SELECT NULL::json';
       CREATE FUNCTION hostile.change_event_fit(json, text[]) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
       CREATE FUNCTION hostile.pg_notify(text, text) RETURNS void LANGUAGE sql AS ''`,
    );
    try {
      await db.run(
        `BEGIN; SET LOCAL search_path = hostile, pg_catalog, public; SET LOCAL ROLE ${role}; ${insertRows(channel, 1)}; COMMIT`,
      );
      expect(await db.operations()).toEqual(['INSERT']);
    } finally {
      await db.run(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});

test('a cascade announces every row that went, with its team', async () => {
  await using database = await testDatabase();
  const { pool } = database;
  await pool.query(SURROUNDINGS);
  for (const channel of ['invitation_changes', 'flow_element_instance_changes'] as const) {
    await pool.query(insertRows(channel, 3));
  }
  await pool.query(
    `INSERT INTO profile_role_team (team_id, profile_id, role_id) SELECT 1, profile_id, 1 FROM profile_team WHERE team_id = 1`,
  );
  await using listener = await listenPlainly(database.connectionString, names);
  await pool.query('DELETE FROM team WHERE id = 1');
  const heard = await listener.take();
  const counts: Record<string, number> = {};
  for (const { channel, event } of heard) {
    expect(event.operation).toBe('DELETE');
    expect(channel === 'team_changes' ? event['id'] : event['team_id']).toBe(1);
    counts[channel] = (counts[channel] ?? 0) + 1;
  }
  expect(counts).toEqual({
    team_changes: 1,
    profile_team_changes: 1,
    profile_role_team_changes: 1,
    role_changes: 1,
    invitation_changes: 3,
    process_model_changes: 1,
    process_instance_changes: 1,
    flow_element_instance_changes: 3,
  });
});

test('where even key and audience do not fit, the channel is told to resync and the writer does not fail', async () => {
  await using database = await testDatabase();
  await database.pool.query(SURROUNDINGS);
  await database.pool.query('ALTER TABLE invitation DROP CONSTRAINT invitation_email_lower');
  await using listener = await listenPlainly(database.connectionString, ['invitation_changes']);
  await database.pool.query(
    `INSERT INTO invitation (team_id, email, secret_hash, expires_at) VALUES (1, repeat('x', 9000), 'h', now())`,
  );
  expect((await listener.take()).map(({ event }) => event.operation)).toEqual(['RESYNC']);
});

test('rows that swap their keys are told apart from rows that moved', async () => {
  await using database = await testDatabase();
  await database.pool.query(`CREATE TABLE note (id integer PRIMARY KEY, text text)`);
  await createChangeTriggers(database.db, 'note_changes', {
    table: 'note',
    columns: ['id', 'text'],
    audience: ['note:{id}'],
  });
  // Otherwise PostgreSQL refuses the swap at its first row.
  await database.pool.query(
    'ALTER TABLE note DROP CONSTRAINT note_pkey, ADD PRIMARY KEY (id) DEFERRABLE INITIALLY IMMEDIATE',
  );
  await database.pool.query(`INSERT INTO note VALUES (1, 'one'), (2, 'two')`);
  await using listener = await listenPlainly(database.connectionString, ['note_changes']);
  await database.pool.query('UPDATE note SET id = 3 - id');
  const heard = (await listener.take()).map(({ event: { operation, id, text } }) => ({
    operation,
    id,
    text,
  }));
  expect(heard.toSorted((a, b) => Number(a.id) - Number(b.id))).toEqual([
    { operation: 'UPDATE', id: 1, text: 'two' },
    { operation: 'UPDATE', id: 2, text: 'one' },
  ]);
});

test.each([
  ['CREATE TABLE bad (id integer PRIMARY KEY) PARTITION BY RANGE (id)', /"bad".*partitioned/],
  [
    'CREATE TABLE whole (id integer) PARTITION BY RANGE (id); CREATE TABLE bad PARTITION OF whole DEFAULT',
    /"bad".*partitioned/,
  ],
  ['CREATE TABLE parent (id integer); CREATE TABLE bad () INHERITS (parent)', /"bad".*inheritance/],
  ['CREATE VIEW bad AS SELECT 1 AS id', /"bad".*not an ordinary table/],
  ['SELECT', /"bad".*is not there/],
])('a table that cannot announce all its changes is refused by name: %s', async (statement, message) => {
  await using database = await testDatabase();
  await database.pool.query(statement);
  const creation = createChangeTriggers(database.db, 'bad_changes', {
    table: 'bad',
    columns: ['id'],
    audience: ['bad:{id}'],
  });
  await expect(creation).rejects.toThrow(message);
});

test('a table that logical replication fills is refused by name', async () => {
  await using database = await testDatabase();
  await database.pool.query('CREATE TABLE bad (id integer PRIMARY KEY)');
  await database.pool.query(
    `CREATE SUBSCRIPTION nowhere CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE)`,
  );
  try {
    await database.pool.query(
      `INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate)
       SELECT oid, 'bad'::regclass, 'i' FROM pg_subscription WHERE subname = 'nowhere'`,
    );
    const creation = createChangeTriggers(database.db, 'bad_changes', {
      table: 'bad',
      columns: ['id'],
      audience: ['bad:{id}'],
    });
    await expect(creation).rejects.toThrow(/"bad".*logical replication/);
  } finally {
    await database.pool.query(`DELETE FROM pg_subscription_rel; DROP SUBSCRIPTION nowhere`);
  }
});

test("the migrated database's triggers are those that the definitions in channels.ts give", async () => {
  await using database = await testDatabase();
  const catalog = async () => {
    const { rows } = await database.pool.query<{ what: string }>(
      `SELECT pg_get_functiondef(oid) AS what FROM pg_proc WHERE pronamespace = 'public'::regnamespace
       UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1`,
    );
    return rows.map((row) => row.what);
  };
  const migrated = await catalog();
  for (const channel of names) {
    await dropChangeTriggers(database.db, channels[channel].table);
    await createChangeTriggers(database.db, channel, channels[channel]);
  }
  expect(migrated).toHaveLength(names.length * 8 + 3);
  expect(await catalog()).toEqual(migrated);
});
