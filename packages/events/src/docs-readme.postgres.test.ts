import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { testDatabase } from '../../../db/testing.ts';
import { packageFolder, readPages } from './testing-helpers/doc-examples.ts';

/** What the README takes as given, and what a person would try once it stands. */
const PROGRAM = `
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

const connectionString = process.argv[2];
const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString }) }) });
Object.assign(globalThis, { db, connectionString });
const said = (what) => console.log(JSON.stringify(what));

const { up, down } = await import('./0005-announce-changes.ts');
await up(db);
const { appRouter } = await import('./router.ts');
const leaving = new AbortController();
const caller = appRouter.createCaller({ userId: 'ada' }, { signal: leaving.signal });
const writes = {
  position: () => db.insertInto('member').values({ team_id: 3, user_id: 'ada' }).execute(),
  resync: () => db.insertInto('role').values({ team_id: 3, name: 'Clerk' }).execute(),
};
for await (const [, frame] of await caller.changes()) {
  said(frame);
  await writes[frame.channel]?.();
  if (frame.channel === 'role_changes') break;
}
await import('./generate-column-types.ts');
said((await import('./column-types.ts')).columnTypes);
said((await import('./shown-types.ts')).columnTypes);
await down(db);
process.exit(0);
`;

/** A folder with these blocks of the pages, side by side, where the kit and its peers are installed. */
async function project(blocks: readonly { name?: string | undefined; code: string }[]) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'events-readme-')));
  await mkdir(join(folder, 'node_modules', '@processflow'), { recursive: true });
  await symlink(packageFolder, join(folder, 'node_modules', '@processflow', 'events'));
  for (const name of ['kysely', 'pg', '@trpc']) {
    // oxlint-disable-next-line no-await-in-loop
    await symlink(join(packageFolder, 'node_modules', name), join(folder, 'node_modules', name));
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await Promise.all(blocks.map(({ name, code }) => writeFile(join(folder, name!), code)));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

test('the steps of the README, run one after the other, give a stream of what is written', async () => {
  await using database = await testDatabase({ migrated: false });
  await database.pool.query(`
    CREATE TABLE role (id serial PRIMARY KEY, team_id int NOT NULL, name text NOT NULL);
    CREATE TABLE member (id serial PRIMARY KEY, team_id int NOT NULL, user_id text NOT NULL)`);
  const readme = readPages([join(packageFolder, 'README.md')]);
  const deploys = readPages([join(packageFolder, 'docs/deploys.md')]);
  const steps = ['channels.ts', '0005-announce-changes.ts', 'hub.ts', 'router.ts'];
  const blocks = readme.filter(({ name }) => steps.includes(name ?? ''));
  expect(blocks.map(({ name }) => name)).toEqual(steps);
  const ofDeploys = (name: string) => deploys.find((block) => block.name === name)!;
  const generator = ofDeploys('generate-column-types.ts');
  await using app = await project([
    ...blocks,
    { ...generator, code: `import { channels } from './channels.ts';\n${generator.code}` },
    { name: 'shown-types.ts', code: ofDeploys('column-types.ts').code },
    { name: 'program.ts', code: PROGRAM },
  ]);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(app.folder, 'program.ts'), database.connectionString],
    { cwd: app.folder },
  );
  const lines = stdout.trim().split('\n');
  const said = lines.map((line) => JSON.parse(line) as object);
  const [written, shown] = said.splice(-2);
  expect(said).toMatchObject([
    { channel: 'position' },
    { channel: 'member_changes', operation: 'INSERT', team_id: 3, user_id: 'ada' },
    { channel: 'resync' },
    { channel: 'role_changes', operation: 'INSERT', team_id: 3, name: 'Clerk' },
  ]);
  expect(written).toEqual(shown);
  const { rows } = await database.pool.query(`SELECT tgname FROM pg_trigger WHERE NOT tgisinternal`);
  expect(rows).toEqual([]);
});
