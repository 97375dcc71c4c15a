import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { expect, test, vi } from 'vitest';
import { findDifferences } from './check.ts';
import { DATABASE_USAGE, runDatabaseCommand } from './check-command.ts';
import { createDb, createPool } from './client.ts';
import { startEmbeddedPostgres } from './embedded.ts';
import { migrateToLatest } from './migrate.ts';
import { migrations as ours } from './migrations/index.ts';
import { type TestDatabase, testDatabase } from './testing.ts';
import { temporaryFolder } from './testing-migration.ts';

const SECOND = 1000;
const SCRIPT = fileURLToPath(new URL('../scripts/db.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));

// Each command is a process of its own, and an embedded database is made from nothing.
vi.setConfig({ testTimeout: 90 * SECOND });

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `pnpm db ...` without pnpm. */
async function command(settings: Record<string, string>, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (texts[name] += text));
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...texts };
}

function over(database: TestDatabase): Record<string, string> {
  return { DATABASE_URL: database.connectionString };
}

/** A folder of migrations such as ours, to write another into. */
async function migrationsFolder() {
  const folder = await temporaryFolder();
  const migrations = new URL('./migrations/', import.meta.url);
  for (const file of await readdir(migrations)) {
    if (!file.endsWith('.test.ts')) await copyFile(new URL(file, migrations), join(folder.path, file));
  }
  return folder;
}

test('check ends with 0 where there is no difference, and tells no password', async () => {
  await using database = await testDatabase();
  const { code, stdout, stderr } = await command(over(database), 'check');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { host, password } = new URL(database.connectionString);
  expect(stdout).toBe(
    `Checked DATABASE_URL (${host}/${database.name}). The database is as the definitions say.\n`,
  );
  expect(password).not.toBe('');
  expect(stdout).not.toContain(password);
});

test('check ends with 1 and names every kind of difference at once, with what to do', async () => {
  await using database = await testDatabase();
  const changes = [
    'DROP TRIGGER _900_announce_update ON role',
    "ALTER FUNCTION tg_team__announce_insert SET work_mem = '4MB'",
    'ALTER TABLE team DISABLE TRIGGER _900_announce_delete',
    'CREATE TRIGGER again AFTER INSERT ON role FOR EACH STATEMENT EXECUTE FUNCTION tg_role__announce_insert()',
    'DROP TABLE flow_element_instance CASCADE',
    'CREATE TABLE child () INHERITS (process_instance)',
    'ALTER TABLE profile RENAME COLUMN email TO mail',
    'ALTER TABLE invitation ALTER COLUMN status DROP NOT NULL',
    'ALTER TABLE session DROP CONSTRAINT session_pkey CASCADE',
  ];
  for (const change of changes) await sql.raw(change).execute(database.db);
  const { code, stdout } = await command(over(database), 'check');
  expect(code).toBe(1);
  expect(stdout).toContain('differs from the definitions of the channels in 9 ways:');
  const told = [...stdout.matchAll(/^ {2}(?! )(?!- )(.*)$/gm)].map((line) => line[1] ?? '');
  expect(told.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    'flow_element_instance_changes: table "flow_element_instance": table-gone',
    'invitation_changes: column "invitation"."status": type-changed',
    'process_instance_changes: table "process_instance": unsuitable-table',
    'profile_changes: column "profile"."email": column-gone',
    'role_changes: trigger _900_announce_update on public."role": missing',
    'role_changes: trigger again on public.role: stray',
    'session_changes: key (id) of table "session": not-a-key',
    'team_changes: function public."tg_team__announce_insert"(): changed',
    'team_changes: trigger _900_announce_delete on public."team": disabled',
  ]);
  expect(stdout).toContain('  - Write the migration that closes this: npm run db -- make-migration.\n');
  expect(stdout).toContain('Is it "mail" now? Generate the types (npm run db:types), then tsc names');
  expect(stdout).toContain("    expected: text: 'Accepted' | 'Declined' | 'Pending' | 'Revoked'\n");
});

test('make-migration writes, lists and formats what closes the differences, up and down', async () => {
  await using database = await testDatabase();
  await using folder = await migrationsFolder();
  const list = join(folder.path, 'index.ts');
  await sql`DROP TRIGGER _900_announce_update ON role`.execute(database.db);
  const differences = await findDifferences(database.db);

  const made = await command(over(database), 'make-migration', 'mend-role', '--into', folder.path);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const name = `${String(Object.keys(ours).length + 1).padStart(4, '0')}_mend_role`;
  expect(made.stdout).toContain(`Written: ${folder.path}/${name}.ts, which closes the difference`);
  expect(made.stdout).toContain('then run: npm start');
  // Nothing of the formatter's.
  expect(made.stdout.trim().split('\n')).toHaveLength(2);

  const { migrations } = (await import(/* @vite-ignore */ list)) as { migrations: Record<string, Migration> };
  expect(Object.keys(migrations)).toEqual([...Object.keys(ours), name]);
  expect(await migrateToLatest(database.db, migrations)).toEqual([name]);
  expect(await findDifferences(database.db)).toEqual([]);
  await migrations[name]?.down?.(database.db);
  expect(await findDifferences(database.db)).toEqual(differences);
});

test('what make-migration writes is formatted and type-checked as the rest is', async () => {
  await using database = await testDatabase();
  await using folder = await migrationsFolder();
  for (const change of [
    'DROP FUNCTION tg_role__announce_insert CASCADE',
    'DROP FUNCTION change_event_fit',
    'ALTER TABLE team DISABLE TRIGGER _900_announce_delete',
    'CREATE TRIGGER again AFTER INSERT ON team FOR EACH STATEMENT EXECUTE FUNCTION tg_team__announce_insert()',
    'CREATE TABLE loose (id int)',
    "CREATE FUNCTION tg_loose__announce_insert() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    'CREATE TRIGGER _900_announce_insert AFTER INSERT ON loose FOR EACH STATEMENT EXECUTE FUNCTION tg_loose__announce_insert()',
  ]) {
    await sql.raw(change).execute(database.db);
  }
  expect((await command(over(database), 'make-migration', '--into', folder.path)).code).toBe(0);
  const file = (await readdir(folder.path)).find((found) => found.endsWith('_announcements_as_defined.ts'));
  expect(file).toBeDefined();
  const path = join(folder.path, file ?? '');
  const checks = [
    ['oxfmt', '--check', '--config', join(ROOT, '.oxfmtrc.json'), path],
    [
      'tsc',
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--noUnusedLocals',
      '--allowImportingTsExtensions',
      '--module',
      'nodenext',
      '--target',
      'esnext',
      path,
    ],
  ] as const;
  for (const [program, ...args] of checks) {
    const check = spawn(join(ROOT, 'node_modules', '.bin', program), args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [check.stdout, check.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    expect(await once(check, 'close'), said).toEqual([0, null]);
  }
});

test('make-migration refuses where there is nothing to do, or nothing that it could', async () => {
  await using database = await testDatabase();
  await using folder = await migrationsFolder();
  const files = await readdir(folder.path);
  const nothing = await command(over(database), 'make-migration', '--into', folder.path);
  expect(nothing).toMatchObject({ code: 2, stdout: '' });
  expect(nothing.stderr).toContain('There is nothing to do: it is as the definitions say.');

  await sql`ALTER TABLE profile RENAME COLUMN email TO mail`.execute(database.db);
  const other = await command(over(database), 'make-migration', '--into', folder.path);
  expect(other).toMatchObject({ code: 1, stdout: '' });
  expect(other.stderr).toContain('There is nothing to do by a migration of triggers.');
  expect(other.stderr).toContain('column "profile"."email": column-gone');
  expect(await readdir(folder.path)).toEqual(files);

  await sql`DROP TRIGGER _900_announce_update ON role`.execute(database.db);
  const partly = await command(over(database), 'make-migration', '--into', folder.path);
  expect(partly.code).toBe(1);
  expect(partly.stdout).toMatch(/Written: .*_announce_role_changes\.ts, which closes the difference/);
  expect(partly.stderr).toContain('Left open, since no migration of triggers closes it:');
  expect(partly.stderr).not.toContain('role_changes');
});

test('a database that is not migrated yet is checked as it is, and gets no migration', async () => {
  await using database = await testDatabase({ migrated: false });
  const check = await command(over(database), 'check');
  expect(check.code).toBe(1);
  expect(check.stdout).toMatch(/^Not migrated yet: 0001_people, .* What follows may be closed by that\./);
  expect(check.stdout).toContain('team_changes: table "team": table-gone');
  const make = await command(over(database), 'make-migration');
  expect(make).toMatchObject({ code: 2, stdout: '' });
  expect(make.stderr).toMatch(/^Not migrated yet: .* Run npm start first, then try again\.$/m);
});

test('wrong usage and no database are told with 2', async () => {
  const databaseUrl = 'postgres://nobody@127.0.0.1:1/nothing';
  const usage: [string[], string][] = [
    [['frobnicate'], 'There is no command "frobnicate".'],
    [[], 'Say what to do.'],
    [['check', 'more'], '"check" takes nothing more, and not: more'],
    [['make-migration', 'a', 'b'], 'takes one name, and not also: b'],
    [['make-migration', '--into'], '--into needs a folder.'],
    [['make-migration', '--force'], 'There is no option "--force".'],
    [['check'], 'The database cannot be reached'],
  ];
  for (const [args, text] of usage) {
    const [said, complained]: [string[], string[]] = [[], []];
    const code = await runDatabaseCommand(args, {
      databaseUrl,
      dataDir: '',
      migrations: '',
      say: (line) => said.push(line),
      complain: (line) => complained.push(line),
      format: () => Promise.reject(new Error('nothing was written')),
    });
    expect({ code, said }, args.join(' ')).toEqual({ code: 2, said: [] });
    expect(complained.join('\n')).toContain(text);
  }
  const bad = await command({ DATABASE_URL: 'mysql://x' }, 'check');
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('DATABASE_URL does not begin with postgres://');
  expect(await command({}, '--help')).toMatchObject({ code: 0, stderr: '', stdout: `${DATABASE_USAGE}\n` });
});

test('the embedded database is checked while it runs and while it does not', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'processflow-db-'));
  await using _ = { [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true }) };
  const settings = { DATA_DIR: dataDir };
  const none = await command(settings, 'check');
  expect(none).toMatchObject({ code: 2, stdout: '' });
  expect(none.stderr).toContain(`There is no database in ${dataDir}/postgres yet`);

  {
    await using postgres = await startEmbeddedPostgres({
      dataDir: join(dataDir, 'postgres'),
      throwaway: true,
    });
    await using db = createDb(createPool(postgres.connectionString));
    await migrateToLatest(db);
    const running = await command(settings, 'check');
    expect(running).toMatchObject({ code: 0, stderr: '' });
    expect(running.stdout).toContain('/postgres, which is running. The database is as the definitions say.');
    await sql`DROP TRIGGER _900_announce_update ON role`.execute(db);
  }
  const stopped = await command(settings, 'check');
  expect(stopped.code).toBe(1);
  expect(stopped.stdout).toContain('role_changes: trigger _900_announce_update on public."role": missing');
});
