import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseError } from './error.ts';

/**
 * Puts a migration's source into the folder, numbered after the last one there, and into the list in its `index.ts`.
 * Returns its name, such as `0008_announce_colour`. Throws a `DatabaseError` `bad-migration` for a name that no file can have or the
 * list has already, and for a list that it cannot read.
 *
 * @example
 * await addMigration('db/migrations', 'announce_colour', source);
 */
export async function addMigration(folder: string, title: string, source: string): Promise<string> {
  if (!/^[a-z][a-z0-9_]*$/.test(title)) {
    throw new DatabaseError(
      'bad-migration',
      `"${title}" cannot be a migration's name. Use small letters, digits and _, as in: announce_colour`,
    );
  }
  const index = join(folder, 'index.ts');
  if (!existsSync(index)) {
    throw new DatabaseError('bad-migration', `There is no ${index}, which lists the migrations.`);
  }
  const files = (await readdir(folder)).filter((file) => /^\d{4}_\w+\.ts$/.test(file)).toSorted();
  const taken = files.find((file) => file.slice(5) === `${title}.ts`);
  if (taken !== undefined) {
    throw new DatabaseError('bad-migration', `There is ${taken} already. Choose another name.`);
  }
  const number = Number(files.at(-1)?.slice(0, 4) ?? 0) + 1;
  const name = `${String(number).padStart(4, '0')}_${title}`;
  const list = withMigration(await readFile(index, 'utf8'), name);
  if (list === undefined) {
    throw new DatabaseError(
      'bad-migration',
      `${index} does not look as it should: add "${name}" to it by hand.`,
    );
  }
  await writeFile(join(folder, `${name}.ts`), source, { flag: 'wx' });
  await writeFile(index, list);
  return name;
}

/** The list with one more entry; undefined when it cannot be read. */
function withMigration(list: string, name: string): string | undefined {
  const imports = [...list.matchAll(/^import \* as (\w+) from '\.\/\d{4}_\w+\.ts';\n/gm)];
  const last = imports.at(-1);
  const end = /^};\n/m.exec(list);
  if (last === undefined || end === null) return undefined;
  const used = new Set(imports.map((found) => found[1]));
  const camel = name.slice(5).replaceAll(/_+(\w?)/g, (_, letter: string) => letter.toUpperCase());
  const variable = used.has(camel) ? `${camel}${name.slice(0, 4)}` : camel;
  const after = last.index + last[0].length;
  return [
    list.slice(0, after),
    `import * as ${variable} from './${name}.ts';\n`,
    list.slice(after, end.index),
    `  '${name}': ${variable},\n`,
    list.slice(end.index),
  ].join('');
}

/** What a migration that makes these channels' triggers anew is called unless somebody says so. */
export function migrationTitle(channels: readonly (string | undefined)[]): string {
  const names = [...new Set(channels.filter((channel) => channel !== undefined))];
  const own = names.length === 1 ? `announce_${names[0]}` : 'announcements_as_defined';
  return /^\w+$/.test(own) ? own.toLowerCase() : 'announcements_as_defined';
}
