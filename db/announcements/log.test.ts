import { createChangeEvents, createChangeTriggers } from '@processflow/events/postgres';
import { expect, test } from 'vitest';

import { DOORBELL } from '../../packages/events/src/postgres/locks.ts';
import { testDatabase } from '../testing.ts';
import { listenPlainly } from './fixture.ts';

const NOTE = {
  table: 'note',
  columns: ['id', 'team', 'text'],
  audience: ['team:{team}'],
};

interface Logged {
  readonly id: number;
  readonly xid: string;
  readonly rung: boolean;
  readonly channel: string;
  readonly payload: string;
}

/** An announced table, its log, and a plain client that hears its channel and the log's. */
async function notes() {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  const run = (statement: string) => database.pool.query(statement);
  await run('CREATE TABLE note (id integer PRIMARY KEY, team integer NOT NULL, text text, hidden text)');
  await createChangeTriggers(database.db, 'note_changes', NOTE);
  const listener = stack.use(await listenPlainly(database.connectionString, ['note_changes', 'change_log']));
  return {
    database,
    run,
    async heard() {
      return (await listener.take()).map(({ channel, payload }) => ({ channel, payload }));
    },
    async log(): Promise<Logged[]> {
      const { rows } = await run('SELECT id, xid, rung, channel, payload FROM change_log ORDER BY id');
      return rows as Logged[];
    },
    /** Somebody holds the doorbell, as the pump does under load. */
    async mask() {
      const client = await database.pool.connect();
      await client.query(`SELECT pg_advisory_lock(${DOORBELL})`);
      return {
        async [Symbol.asyncDispose]() {
          await client.query(`SELECT pg_advisory_unlock(${DOORBELL})`);
          client.release();
        },
      };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const rows = (count: number, from = 1): string =>
  `INSERT INTO note SELECT n, 1, 'note ' || n FROM generate_series(${from}, ${from + count - 1}) n`;
const eventOf = ({ payload }: { payload: string }): Record<string, unknown> =>
  JSON.parse(payload) as Record<string, unknown>;
const operation = (one: { payload: string }): unknown => eventOf(one)['operation'];

test('every event is in the log as it was notified, with its number, transaction and channel', async () => {
  await using db = await notes();
  await db.run(`BEGIN; ${rows(2)}; UPDATE note SET text = 'new' WHERE id = 1; UPDATE note SET team = 2 WHERE id = 2;
    DELETE FROM note WHERE id = 1; TRUNCATE note; CREATE TABLE own AS SELECT pg_current_xact_id()::text AS xid; COMMIT`);
  const log = await db.log();
  expect(log.map(operation)).toEqual(['INSERT', 'INSERT', 'UPDATE', 'DELETE', 'INSERT', 'DELETE', 'RESYNC']);
  expect(await db.heard()).toEqual(log.map(({ channel, payload }) => ({ channel, payload })));
  const { xid } = (await db.run('SELECT xid FROM own')).rows[0];
  for (const { id, payload, ...rest } of log) {
    expect(rest).toEqual({ xid, rung: true, channel: 'note_changes' });
    expect(eventOf({ payload })['seq']).toBe(id);
  }
});

test.each([1, 3])('a statement of %i rows is written to the log by one INSERT', async (count) => {
  await using db = await notes();
  await db.run(rows(count));
  await db.run(`CREATE TABLE inserts (n serial, rows bigint);
    CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
      'BEGIN INSERT INTO inserts (rows) SELECT count(*) FROM appended; RETURN NULL; END';
    CREATE TRIGGER counted AFTER INSERT ON change_log REFERENCING NEW TABLE AS appended
      FOR EACH STATEMENT EXECUTE FUNCTION counted()`);
  const statements = [
    rows(count, 10),
    `UPDATE note SET text = 'x' WHERE id >= 10`,
    'DELETE FROM note WHERE id >= 10',
  ];
  for (const statement of statements) await db.run(statement);
  // An UPDATE looks for its commonest kind first, and where it is not that, inserts nothing.
  const inserts = await db.run('SELECT rows::int FROM inserts WHERE rows > 0 ORDER BY n');
  expect(inserts.rows).toEqual(statements.map(() => ({ rows: count })));
});

test('while somebody holds the doorbell nothing is notified, and what is logged says so', async () => {
  await using db = await notes();
  {
    await using _ = await db.mask();
    await db.run(`${rows(1)}; UPDATE note SET text = 'x'; TRUNCATE note`);
    await db.run(rows(200));
  }
  expect(await db.heard()).toEqual([]);
  const log = await db.log();
  expect(log.map(({ rung }) => rung)).toEqual(Array.from({ length: 203 }, () => false));
  await db.run(rows(1, 1000));
  expect((await db.heard()).map(operation)).toEqual(['INSERT']);
  expect((await db.log()).at(-1)).toMatchObject({ rung: true });
});

test('also while somebody but waits for the doorbell', async () => {
  await using db = await notes();
  const [writer, pump] = [await db.database.pool.connect(), await db.database.pool.connect()];
  try {
    await writer.query(`BEGIN; ${rows(1)}`);
    const granted = pump.query(`SELECT pg_advisory_lock(${DOORBELL})`);
    await expect
      .poll(
        async () =>
          (await db.run(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).rowCount,
      )
      .toBe(1);
    await db.run(rows(1, 2));
    await writer.query('COMMIT');
    await granted;
    expect((await db.log()).map(({ rung }) => rung)).toEqual([true, false]);
  } finally {
    await pump.query('SELECT pg_advisory_unlock_all()');
    writer.release();
    pump.release();
  }
});

test('a statement of more rows than change_log.ring_limit is one "read", and is not rung', async () => {
  await using db = await notes();
  await db.run(rows(100));
  expect(await db.heard()).toHaveLength(100);
  await db.run(rows(101, 200));
  expect(await db.heard()).toEqual([{ channel: 'change_log', payload: '{"read":true}' }]);
  expect((await db.log()).map(({ rung }) => rung)).toEqual([
    ...Array.from({ length: 100 }, () => true),
    ...Array.from({ length: 101 }, () => false),
  ]);
  await db.run(
    `BEGIN; SET LOCAL change_log.ring_limit = 2; UPDATE note SET text = 'x' WHERE id <= 3; COMMIT`,
  );
  expect(await db.heard()).toEqual([{ channel: 'change_log', payload: '{"read":true}' }]);
  await db.run(`BEGIN; SET LOCAL change_log.ring_limit = 3; DELETE FROM note WHERE id <= 3; COMMIT`);
  expect((await db.heard()).map(operation)).toEqual(['DELETE', 'DELETE', 'DELETE']);
});

test('a rollback, and one to a savepoint, leave nothing in the log; what a savepoint wrote is its transaction’s', async () => {
  await using db = await notes();
  await db.run(`BEGIN; ${rows(1)}; ROLLBACK`);
  await db.run(`BEGIN; ${rows(1)}; SAVEPOINT s; ${rows(1, 2)}; ROLLBACK TO s; ${rows(1, 3)}; COMMIT`);
  const log = await db.log();
  expect(log.map((one) => eventOf(one)['id'])).toEqual([1, 3]);
  expect(new Set(log.map(({ xid }) => xid)).size).toBe(1);
});

test('a statement that touches nothing costs no transaction id, no row and no lock', async () => {
  await using db = await notes();
  const client = await db.database.pool.connect();
  try {
    await client.query(
      `BEGIN; UPDATE note SET text = 'x'; DELETE FROM note; INSERT INTO note SELECT 1, 1 WHERE false`,
    );
    const { rows: found } = await client.query(
      `SELECT pg_current_xact_id_if_assigned() AS xid,
         (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks`,
    );
    expect(found).toEqual([{ xid: null, locks: 0 }]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  expect(await db.log()).toEqual([]);
});

test('one row announces what many do: moved, rekeyed, changed where nothing is carried, or not at all', async () => {
  const updates = [
    `text = 'new'`,
    `text = NULL, team = team`,
    'team = 2',
    'id = id + 100',
    'id = id + 100, team = 3',
    `hidden = 'x'`,
    'text = text',
  ];
  const told: string[][] = [];
  for (const more of ['', ", (9, 1, 'other')"]) {
    await using db = await notes();
    await db.run(`INSERT INTO note VALUES (1, 1, 'a')${more}`);
    for (const update of updates) await db.run(`UPDATE note SET ${update}`);
    const own = (await db.log()).map(eventOf).filter(({ id }) => Number(id) % 100 === 1);
    told.push(own.map(({ seq: _, announced_at: __, ...event }) => JSON.stringify(event)));
  }
  expect(told[0]).toHaveLength(1 + 1 + 1 + 2 + 2 + 2 + 1);
  expect(told[0]).toEqual(told[1]);
});

test('createChangeEvents leaves a log that is there as it is', async () => {
  await using db = await notes();
  await db.run(`${rows(3)}; UPDATE change_log_state SET emitted = '1:2:'`);
  const before = await db.log();
  await createChangeEvents(db.database.db);
  expect(await db.log()).toEqual(before);
  expect((await db.run('SELECT emitted FROM change_log_state')).rows).toEqual([{ emitted: '1:2:' }]);
});

test('a role that may write the table can neither read nor write the log, nor announce by itself', async () => {
  await using db = await notes();
  const role = `writer_${db.database.name}`;
  await db.run(
    `CREATE ROLE ${role}; GRANT ALL ON note TO ${role}; CREATE SCHEMA theirs AUTHORIZATION ${role}`,
  );
  const as = (statement: string) => db.run(`BEGIN; SET LOCAL ROLE ${role}; ${statement}; COMMIT`);
  try {
    await as(`${rows(1)}; UPDATE note SET text = 'x'; DELETE FROM note`);
    expect((await db.heard()).map(operation)).toEqual(['INSERT', 'UPDATE', 'DELETE']);
    for (const statement of [
      'SELECT FROM change_log',
      'SELECT FROM change_log_state',
      'SELECT FROM change_log_epoch',
      'DELETE FROM change_log',
      "INSERT INTO change_log SELECT 1, '1', now(), true, 'note_changes', '{}'",
      `SELECT change_event_resync('note_changes', 'x')`,
      `SELECT nextval('change_event_seq')`,
      // A trigger of theirs on a table of theirs would announce rows that never were.
      `CREATE TABLE theirs.note (id integer, team integer, text text);
       CREATE TRIGGER forged AFTER INSERT ON theirs.note REFERENCING NEW TABLE AS new_rows
         FOR EACH STATEMENT EXECUTE FUNCTION public.tg_note__announce_insert()`,
    ]) {
      await expect(as(statement), statement).rejects.toThrow(/permission denied/);
    }
  } finally {
    await db.run(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }
});
