import {
  checkChannels,
  type DifferenceKind,
  DIFFERENCE_KINDS,
  migrationSource,
} from '@processflow/events/postgres';
import type { ChannelDefinition, ChannelDefinitions } from '@processflow/events';
import { sql } from 'kysely';
import { describe, expect, test, vi } from 'vitest';
import { channels } from './channels.ts';
import { findDifferences } from './check.ts';
import { createDb, createPool } from './client.ts';
import { testDatabase } from './testing.ts';
import { closeAndReopen, close, undone } from './testing-check.ts';
import { temporaryFolder } from './testing-migration.ts';
import { columnTypes, type Database } from './types.ts';

// A busy machine takes its time for so many.
vi.setConfig({ testTimeout: 60_000 });

const VERBS = ['insert', 'update', 'delete', 'truncate'] as const;
const all: [string, ChannelDefinition][] = Object.entries(channels);

interface Case {
  readonly kind: DifferenceKind;
  readonly sql: string;
  /** What the differences name, and what they say is there instead. */
  readonly named: readonly (readonly [what: string, found: RegExp])[];
}

/** Every way to make a channel's part of the database another than the definition says. */
function casesOf({ table, columns }: ChannelDefinition): Case[] {
  const trigger = (verb: string): string => `trigger _900_announce_${verb} on public."${table}"`;
  const fn = (verb: string): string => `public."tg_${table}__announce_${verb}"()`;
  const ofEach = <Item extends string>(
    items: readonly Item[],
    kind: DifferenceKind,
    change: (item: Item) => string,
    what: (item: Item) => string,
    found: RegExp,
  ): Case => ({
    kind,
    sql: items.map((item) => `${change(item)};`).join('\n'),
    named: items.map((item) => [what(item), found]),
  });
  const column = (name: string): string => `column "${table}"."${name}"`;
  return [
    ofEach(
      VERBS,
      'missing',
      (verb) => `DROP TRIGGER _900_announce_${verb} ON ${table}`,
      trigger,
      /^its function, but no trigger that calls it$/,
    ),
    ofEach(
      VERBS.slice(1),
      'missing',
      (verb) => `DROP FUNCTION ${fn(verb)} CASCADE`,
      (verb) => `function ${fn(verb)}`,
      /^no function, no trigger$/,
    ),
    {
      kind: 'missing',
      sql: VERBS.map((verb) => `DROP FUNCTION ${fn(verb)} CASCADE;`).join('\n'),
      named: [[`triggers of table "${table}"`, /^table "\w+" has no triggers of ours$/]],
    },
    ofEach(
      VERBS,
      'changed',
      (verb) =>
        `CREATE OR REPLACE FUNCTION ${fn(verb)} RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
      (verb) => `function ${fn(verb)}`,
      /^line 1: BEGIN RETURN NULL; END$/,
    ),
    ofEach(
      VERBS,
      'changed',
      (verb) => `ALTER FUNCTION ${fn(verb)} SECURITY INVOKER RESET search_path`,
      (verb) => `function ${fn(verb)}`,
      /SECURITY INVOKER SET bytea_output=hex/,
    ),
    ofEach(
      VERBS,
      'changed',
      (verb) => `DROP TRIGGER _900_announce_${verb} ON ${table};
        CREATE TRIGGER _900_announce_${verb} AFTER ${verb} ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION ${fn(verb === 'insert' ? 'delete' : 'insert')}`,
      trigger,
      /FOR EACH STATEMENT EXECUTE FUNCTION public\.tg_/,
    ),
    ofEach(
      VERBS,
      'disabled',
      (verb) => `ALTER TABLE ${table} DISABLE TRIGGER _900_announce_${verb}`,
      trigger,
      /^disabled$/,
    ),
    ofEach(
      VERBS,
      'disabled',
      (verb) => `ALTER TABLE ${table} ENABLE REPLICA TRIGGER _900_announce_${verb}`,
      trigger,
      /^enabled on replicas only$/,
    ),
    ofEach(
      VERBS,
      'stray',
      (verb) =>
        `CREATE TRIGGER on_${verb} AFTER ${verb} ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION ${fn('truncate')}`,
      (verb) => `trigger on_${verb} on public.${table}`,
      /CREATE TRIGGER on_\w+ AFTER/,
    ),
    {
      kind: 'changed',
      sql: `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER _900_announce_insert`,
      named: [[trigger('insert'), /^enabled always$/]],
    },
    {
      kind: 'changed',
      sql: `DROP TRIGGER _900_announce_insert ON ${table};
        CREATE TRIGGER _900_announce_insert AFTER INSERT ON ${table} FOR EACH ROW WHEN (NEW.id IS NULL) EXECUTE FUNCTION ${fn('insert')}`,
      named: [[trigger('insert'), /FOR EACH ROW WHEN/]],
    },
    {
      kind: 'changed',
      sql: `DROP TRIGGER _900_announce_insert ON ${table};
        CREATE TRIGGER _900_announce_insert AFTER INSERT ON ${table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION ${fn('insert')}`,
      named: [[trigger('insert'), /FOR EACH STATEMENT WHEN \(false\)/]],
    },
    {
      kind: 'stray',
      sql: `CREATE SCHEMA other; CREATE TABLE other.${table} (LIKE ${table});
        CREATE FUNCTION other.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM public."change_event_resync"(''x'', ''y''); RETURN NULL; END';
        CREATE TRIGGER t AFTER INSERT ON other.${table} FOR EACH STATEMENT EXECUTE FUNCTION other.f();
        ALTER TABLE other.${table} DISABLE TRIGGER t`,
      named: [[`trigger t on other.${table}`, /EXECUTE FUNCTION other\.f\(\)/]],
    },
    {
      kind: 'table-gone',
      sql: `DROP TABLE ${table} CASCADE`,
      named: [[`table "${table}"`, /^no such table in schema public$/]],
    },
    {
      kind: 'unsuitable-table',
      sql: `CREATE TABLE child () INHERITS (${table})`,
      named: [[`table "${table}"`, /takes part in inheritance/]],
    },
    {
      kind: 'not-a-key',
      sql: `ALTER TABLE ${table} DROP CONSTRAINT ${table}_pkey CASCADE`,
      named: [[`key (id) of table "${table}"`, /unique there/]],
    },
    ofEach(
      columns,
      'column-gone',
      (name) => `ALTER TABLE ${table} RENAME COLUMN ${name} TO ${name}_of_old`,
      column,
      /no such column; there are: .*_of_old/,
    ),
    ofEach(
      columns,
      'column-gone',
      (name) => `ALTER TABLE ${table} DROP COLUMN IF EXISTS ${name} CASCADE`,
      column,
      /no such column; there are: /,
    ),
    ofEach(
      columns,
      'type-changed',
      (name) =>
        `ALTER TABLE ${table} DROP COLUMN IF EXISTS ${name} CASCADE; ALTER TABLE ${table} ADD COLUMN ${name} point`,
      column,
      /^point \| null$/,
    ),
    ofEach(
      columns,
      'unsuitable-column',
      (name) =>
        `ALTER TABLE ${table} DROP COLUMN IF EXISTS ${name} CASCADE; ALTER TABLE ${table} ADD COLUMN ${name} int GENERATED ALWAYS AS (1) VIRTUAL`,
      column,
      /^a virtual generated column/,
    ),
  ];
}

const CLOSABLE = new Set<DifferenceKind>(['missing', 'changed', 'disabled', 'stray']);

test('the migrated database is as the definitions say', async () => {
  await using database = await testDatabase();
  expect(await findDifferences(database.db)).toEqual([]);
});

test('every kind of difference is made here', () => {
  const made = new Set(all.flatMap(([, definition]) => casesOf(definition).map(({ kind }) => kind)));
  // A channel's name is none of the database's; see below.
  expect([...made, 'unsuitable-channel'].toSorted()).toEqual(DIFFERENCE_KINDS.toSorted());
});

describe.each(all)('%s', (channel, definition) => {
  test('every difference is named with what is there instead', async () => {
    await using database = await testDatabase();
    for (const { kind, sql: change, named } of casesOf(definition)) {
      await undone(database.db, async (trx) => {
        await sql.raw(change).execute(trx);
        const differences = await findDifferences(trx);
        for (const [what, found] of named) {
          expect(differences, change).toContainEqual(
            expect.objectContaining({
              kind,
              what,
              table: definition.table,
              found: expect.stringMatching(found),
              expected: expect.stringMatching(/./),
              advice: expect.stringMatching(/\w/),
            }),
          );
        }
        for (const difference of differences) {
          expect(difference.repair !== undefined).toBe(CLOSABLE.has(difference.kind));
          // A stray on another schema's table is nobody's.
          expect(difference.channel).toBe(difference.what.includes(' on other.') ? undefined : channel);
        }
      });
    }
    expect(await findDifferences(database.db)).toEqual([]);
  });

  test('what a migration can close, one closes, and it can be taken back', async () => {
    await using database = await testDatabase();
    await using folder = await temporaryFolder();
    for (const { kind, sql: change } of casesOf(definition)) {
      if (!CLOSABLE.has(kind)) continue;
      await undone(database.db, async (trx) => {
        await sql.raw(change).execute(trx);
        expect(new Set((await findDifferences(trx)).map((difference) => difference.kind))).toEqual(
          new Set([kind]),
        );
        await closeAndReopen(trx, folder.path, channels, () => findDifferences(trx));
      });
    }
  });

  test('a definition that is removed, renamed, narrowed or watched otherwise is found and closed', async () => {
    await using database = await testDatabase();
    await using folder = await temporaryFolder();
    const { [channel]: own, ...others } = channels as ChannelDefinitions;
    const changes: [DifferenceKind, ChannelDefinitions][] = [
      ['stray', others],
      ['changed', { ...others, [`${channel}_anew`]: definition }],
      ['changed', { ...others, [channel]: { ...definition, watch: definition.columns.slice(-1) } }],
      ['changed', { ...others, [channel]: { ...definition, columns: definition.columns.toReversed() } }],
      ['changed', { ...others, [channel]: { ...definition, text: definition.columns.slice(-1) } }],
    ];
    expect(own).toBe(definition);
    for (const [kind, definitions] of changes) {
      await undone(database.db, async (trx) => {
        const check = () => checkChannels(trx, definitions, { columnTypes });
        const differences = await check();
        expect(new Set(differences.map((difference) => difference.kind))).toEqual(new Set([kind]));
        await closeAndReopen(trx, folder.path, definitions, check);
      });
    }
  });
});

test('what all channels share is compared too', async () => {
  await using database = await testDatabase();
  await using folder = await temporaryFolder();
  const changes: [DifferenceKind, string, string][] = [
    [
      'missing',
      'DROP FUNCTION change_event_fit',
      'function public.change_event_fit(event json, kept text[])',
    ],
    ['missing', 'DROP SEQUENCE change_event_seq', 'sequence public.change_event_seq'],
    ['changed', 'ALTER SEQUENCE change_event_seq CACHE 20', 'sequence public.change_event_seq'],
    [
      'changed',
      "ALTER FUNCTION change_event_fit SET work_mem = '4MB'",
      'function public.change_event_fit(event json, kept text[])',
    ],
    [
      'changed',
      'ALTER FUNCTION change_event_fit STRICT',
      'function public.change_event_fit(event json, kept text[])',
    ],
    [
      'changed',
      `DROP FUNCTION change_event_fit;
       CREATE FUNCTION change_event_fit(event json, kept text[]) RETURNS text LANGUAGE sql AS 'SELECT NULL'`,
      'function public.change_event_fit(event json, kept text[])',
    ],
    ['missing', 'DROP INDEX change_log_xid', 'index public.change_log_xid'],
    [
      'changed',
      'DROP INDEX change_log_xid; CREATE INDEX change_log_xid ON change_log (xid, id)',
      'index public.change_log_xid',
    ],
    ['missing', 'DROP TABLE change_log_epoch', 'table public.change_log_epoch'],
    ['missing', 'DROP TABLE change_log', 'table public.change_log'],
    [
      'changed',
      "CREATE OR REPLACE FUNCTION change_event_resync(channel text, reason text) RETURNS void LANGUAGE sql AS ''",
      'function public.change_event_resync(channel text, reason text)',
    ],
    [
      'changed',
      `DROP FUNCTION change_event_resync;
       CREATE FUNCTION change_event_resync(channel text, reason text) RETURNS text LANGUAGE sql AS 'SELECT 1::text'`,
      'function public.change_event_resync(channel text, reason text)',
    ],
    [
      'missing',
      `DROP FUNCTION change_event_resync;
       CREATE FUNCTION change_event_resync(other text, names text) RETURNS void LANGUAGE sql AS ''`,
      'function public.change_event_resync(channel text, reason text)',
    ],
    [
      'missing',
      `DROP FUNCTION change_event_fit, change_event_resync, change_event_resync_payload; DROP SEQUENCE change_event_seq;
       DROP TABLE change_log, change_log_epoch, change_log_state`,
      'what all triggers share',
    ],
    [
      'stray',
      "CREATE FUNCTION tg_gone__announce_insert() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
      'function public.tg_gone__announce_insert()',
    ],
  ];
  for (const [kind, change, what] of changes) {
    await undone(database.db, async (trx) => {
      await sql.raw(change).execute(trx);
      const named = (await findDifferences(trx)).filter((difference) => difference.what === what);
      expect(
        named.map((difference) => difference.kind),
        change,
      ).toContain(kind);
      await closeAndReopen(trx, folder.path, channels, () => findDifferences(trx));
    });
  }
});

test.each<[string, RegExp]>([
  ['ALTER TABLE change_log ALTER COLUMN rung DROP NOT NULL', /rung boolean, channel/],
  ['ALTER TABLE change_log ALTER COLUMN id TYPE integer', /\(id integer NOT NULL/],
  ['ALTER TABLE change_log SET UNLOGGED', /^CREATE UNLOGGED TABLE/],
  ['GRANT SELECT ON change_log TO PUBLIC', /which everybody may use$/],
])('a change log that is another is named and left alone: %s', async (change, found) => {
  await using database = await testDatabase();
  await sql.raw(change).execute(database.db);
  const differences = await findDifferences(database.db);
  expect(differences).toMatchObject([
    { kind: 'changed', what: 'table public.change_log', found: expect.stringMatching(found) },
  ]);
  expect(migrationSource(differences, channels).source).toBeUndefined();
});

test('a function that everybody may call is named, and closed', async () => {
  await using database = await testDatabase();
  await using folder = await temporaryFolder();
  await undone(database.db, async (trx) => {
    await sql`GRANT EXECUTE ON FUNCTION tg_role__announce_insert(), change_event_resync(text, text) TO PUBLIC`.execute(
      trx,
    );
    expect((await findDifferences(trx)).map(({ what, found }) => [what, found])).toEqual([
      ['function public.change_event_resync(channel text, reason text)', 'executable by PUBLIC'],
      ['function public."tg_role__announce_insert"()', 'executable by PUBLIC'],
    ]);
    await close(trx, folder.path, channels, () => findDifferences(trx));
    expect(await findDifferences(trx)).toEqual([]);
  });
});

test('everything at once is named at once, and what can be closed is', async () => {
  await using database = await testDatabase();
  await using folder = await temporaryFolder();
  const changes = [
    'DROP FUNCTION change_event_fit',
    'DROP TRIGGER _900_announce_update ON role',
    'ALTER TABLE role DISABLE TRIGGER _900_announce_insert',
    'ALTER TABLE team DISABLE TRIGGER _900_announce_delete',
    'CREATE TRIGGER again AFTER INSERT ON role FOR EACH STATEMENT EXECUTE FUNCTION tg_team__announce_insert()',
    // A trigger of ours that calls a stray function: which one must go first?
    `CREATE FUNCTION tg_old__announce_insert() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
     DROP TRIGGER _900_announce_insert ON invitation;
     CREATE TRIGGER _900_announce_insert AFTER INSERT ON invitation FOR EACH STATEMENT EXECUTE FUNCTION tg_old__announce_insert()`,
    'ALTER TABLE profile RENAME COLUMN email TO mail',
    'ALTER TABLE session ALTER COLUMN expires_at DROP NOT NULL',
    'DROP TRIGGER _900_announce_update ON profile',
  ];
  for (const change of changes) await sql.raw(change).execute(database.db);
  const differences = await findDifferences(database.db);
  expect(differences.map(({ kind, what }) => `${kind} ${what}`)).toEqual([
    'missing function public.change_event_fit(event json, kept text[])',
    'disabled trigger _900_announce_delete on public."team"',
    'disabled trigger _900_announce_insert on public."role"',
    'missing trigger _900_announce_update on public."role"',
    'changed trigger _900_announce_insert on public."invitation"',
    'type-changed column "session"."expires_at"',
    'column-gone column "profile"."email"',
    'missing trigger _900_announce_update on public."profile"',
    'stray trigger again on public.role',
    'stray function public.tg_old__announce_insert()',
  ]);
  expect(differences.map(({ advice }) => advice).join('\n')).toContain(
    'Is it "mail" now? Generate the types (npm run db:types), then tsc names every place that still says "email"',
  );
  // Triggers of a table whose column is gone would fail its every write: they are made when that is closed.
  expect(migrationSource(differences, channels).open.map(({ what }) => what)).toEqual([
    'column "session"."expires_at"',
    'column "profile"."email"',
    'trigger _900_announce_update on public."profile"',
  ]);
  await closeAndReopen(database.db, folder.path, channels, () => findDifferences(database.db));
});

test('two channels of one table are refused by name', async () => {
  await using database = await testDatabase();
  const twice = { ...channels, other_changes: channels.role_changes };
  expect(await checkChannels(database.db, twice)).toMatchObject([
    { kind: 'unsuitable-table', channel: 'other_changes', found: 'channel "role_changes" announces it too' },
  ]);
});

test('a database whose sessions fire no triggers is told of', async () => {
  await using database = await testDatabase();
  await sql
    .raw(`ALTER DATABASE ${database.name} SET session_replication_role = replica`)
    .execute(database.db);
  await using db = createDb(createPool(database.connectionString, { applicationName: 'processflow-test' }));
  const differences = await findDifferences(db);
  expect(differences).toMatchObject([{ kind: 'disabled', expected: 'origin', found: 'replica' }]);
  expect(migrationSource(differences, channels)).toMatchObject({ source: undefined, open: differences });
});

test('it needs no rights on what it compares', async () => {
  await using database = await testDatabase();
  await undone(database.db, async (trx) => {
    const role = `nobody_of_${database.name}`;
    await sql
      .raw(`CREATE ROLE ${role}; REVOKE ALL ON SCHEMA public FROM public; SET LOCAL ROLE ${role}`)
      .execute(trx);
    expect(await findDifferences(trx)).toEqual([]);
    await expect(sql`SELECT FROM public.team`.execute(trx)).rejects.toThrow('permission denied');
  });
});

test('differences of other definitions are refused by name', async () => {
  await using database = await testDatabase();
  await sql`DROP TRIGGER _900_announce_update ON role`.execute(database.db);
  const differences = await findDifferences(database.db);
  const { role_changes: _, ...others } = channels;
  expect(() => migrationSource(differences, others)).toThrow(
    'channel "role_changes", which is not defined. Defined: flow_element_instance_changes, ',
  );
});

describe('names of all kinds', () => {
  const table = 'A "b" \\c\n$announce$ `${d}`\r\nLANGUAGE sql AS $x$';
  const definition = {
    table,
    columns: ['Id', '__proto__', 'constructor', 'it\'s \\ "x"', 'mood'],
    key: ['Id'],
    audience: ['t:{Id}'],
    watch: ['constructor'],
  };
  const definitions = { "ch'an \\ `${nel}` $announce$": definition };
  const quoted = `"${table.replaceAll('"', '""')}"`;
  const create = `CREATE TYPE mood AS ENUM ('ok');
    CREATE TABLE ${quoted} ("Id" int PRIMARY KEY, "__proto__" text, "constructor" varchar(5), "it's \\ ""x""" numeric(4,1)[], mood mood)`;

  async function openHostile(): Promise<Awaited<ReturnType<typeof testDatabase>>> {
    const database = await testDatabase({ migrated: false });
    await sql.raw(create).execute(database.db);
    return database;
  }

  test('are written into a migration that makes and takes back what was meant', async () => {
    await using database = await openHostile();
    await using folder = await temporaryFolder();
    const { db } = database;
    const check = () => checkChannels(db, definitions);
    expect(new Set((await check()).map(({ kind }) => kind))).toEqual(new Set(['missing']));
    await closeAndReopen(db, folder.path, definitions, check);
    await close(db, folder.path, definitions, check);
    const changes = [
      `ALTER TABLE ${quoted} DISABLE TRIGGER _900_announce_update`,
      `CREATE FUNCTION tg_stray__announce_delete() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; --\`\${1}\\\r\nEND';
       CREATE TRIGGER "sp ""are" AFTER DELETE ON ${quoted} FOR EACH STATEMENT EXECUTE FUNCTION tg_stray__announce_delete()`,
      `DROP TRIGGER _900_announce_insert ON ${quoted}`,
    ];
    for (const change of changes) {
      await sql.raw(change).execute(db);
      expect((await check()).length).toBeGreaterThan(0);
      await closeAndReopen(db, folder.path, definitions, check);
      await close(db, folder.path, definitions, check);
    }
  });

  test('of columns that every object has are missed when they are gone', async () => {
    await using database = await openHostile();
    for (const column of ['__proto__', 'constructor']) {
      await sql.raw(`ALTER TABLE ${quoted} DROP COLUMN "${column}"`).execute(database.db);
      expect(await checkChannels(database.db, definitions)).toContainEqual(
        expect.objectContaining({ kind: 'column-gone', what: expect.stringContaining(`"${column}"`) }),
      );
    }
  });

  test('a search_path that leads elsewhere changes nothing', async () => {
    await using database = await testDatabase();
    await using folder = await temporaryFolder();
    await undone<Database>(database.db, async (trx) => {
      await sql`CREATE SCHEMA hostile`.execute(trx);
      await sql`CREATE TABLE hostile.role (id int)`.execute(trx);
      await sql`CREATE FUNCTION hostile.format_type(oid, int) RETURNS text LANGUAGE sql AS 'SELECT ''x'''`.execute(
        trx,
      );
      await sql`SET LOCAL search_path = hostile, pg_catalog`.execute(trx);
      expect(await findDifferences(trx)).toEqual([]);
      await sql`DROP TRIGGER _900_announce_update ON public.role`.execute(trx);
      const differences = await findDifferences(trx);
      await sql`SET LOCAL search_path = public`.execute(trx);
      expect(await findDifferences(trx)).toEqual(differences);
      await closeAndReopen(trx, folder.path, channels, () => findDifferences(trx));
    });
  });
});
