import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addMigration, migrationTitle } from './make-migration.ts';

const LIST = `import type { Migration } from 'kysely/migration';

import * as people from './0001_people.ts';

export const migrations: Record<string, Migration> = {
  '0001_people': people,
};
`;

async function folderWith(files: Record<string, string>) {
  const path = await mkdtemp(join(tmpdir(), 'processflow-list-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return {
    path,
    read: (name: string) => readFile(join(path, name), 'utf8'),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}

test('numbers the file after the last and lists it, under a name of its own', async () => {
  await using folder = await folderWith({ 'index.ts': LIST, '0001_people.ts': '' });
  expect(await addMigration(folder.path, 'announce_role', 'one')).toBe('0002_announce_role');
  expect(await addMigration(folder.path, 'announce__role', 'two')).toBe('0003_announce__role');
  expect(await folder.read('0002_announce_role.ts')).toBe('one');
  expect(await folder.read('index.ts')).toBe(`import type { Migration } from 'kysely/migration';

import * as people from './0001_people.ts';
import * as announceRole from './0002_announce_role.ts';
import * as announceRole0003 from './0003_announce__role.ts';

export const migrations: Record<string, Migration> = {
  '0001_people': people,
  '0002_announce_role': announceRole,
  '0003_announce__role': announceRole0003,
};
`);
});

test('refuses what it cannot do before anything is written', async () => {
  await using folder = await folderWith({ 'index.ts': LIST, '0001_people.ts': '' });
  const add = (title: string) => addMigration(folder.path, title, '');
  await expect(add('../people')).rejects.toThrow('"../people" cannot be a migration\'s name');
  await expect(add('people')).rejects.toThrow('There is 0001_people.ts already');
  await writeFile(join(folder.path, 'index.ts'), 'nothing of ours');
  await expect(add('other')).rejects.toThrow('add "0002_other" to it by hand');
  await rm(join(folder.path, 'index.ts'));
  await expect(add('other')).rejects.toThrow('which lists the migrations');
  await expect(folder.read('0002_other.ts')).rejects.toThrow('ENOENT');
});

test('is called after its channel where there is one', () => {
  expect(migrationTitle(['role_changes', undefined, 'role_changes'])).toBe('announce_role_changes');
  expect(migrationTitle(['role_changes', 'team_changes'])).toBe('announcements_as_defined');
  expect(migrationTitle(['hostile `name`'])).toBe('announcements_as_defined');
});
