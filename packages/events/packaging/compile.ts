import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { KIT } from './pack.ts';
import { run } from './run.ts';

const MARK = '@ts-expect-error';

/** The stranger's application compiles; without the marks in `wrong.ts`, exactly the lines after them do not. */
export async function expectTypes(folder: string): Promise<void> {
  expect(await errorsIn(folder)).toEqual([]);
  const marked = await readFile(join(folder, 'wrong.ts'), 'utf8');
  const wrong = marked.split('\n').flatMap((line, at) => (line.includes(MARK) ? [`wrong.ts:${at + 2}`] : []));
  expect(wrong.length).toBeGreaterThan(0);
  await writeFile(join(folder, 'wrong.ts'), marked.replaceAll(MARK, ''));
  const errors = await errorsIn(folder);
  expect([...new Set(errors.map((error) => error.replace(/^(.*)\((\d+),.*/, '$1:$2')))]).toEqual(wrong);
}

/** The kit's own sources compile with these peers: what they lack must not be found out only when it runs. */
export async function expectSources(folder: string): Promise<void> {
  const sources = join(folder, 'kit');
  await cp(join(KIT, 'src'), join(sources, 'src'), { recursive: true });
  await cp(join(KIT, '../../tsconfig.json'), join(folder, 'workspace.json'));
  const build = await readFile(join(KIT, 'tsconfig.build.json'), 'utf8');
  await writeFile(join(sources, 'tsconfig.json'), build.replace('../../tsconfig.json', '../workspace.json'));
  expect(await errorsIn(folder, 'kit')).toEqual([]);
}

/** The first lines of the compiler's errors, in the project or in the kit: declarations of others are theirs. */
async function errorsIn(folder: string, project = '.'): Promise<string[]> {
  const tsc = join(folder, 'node_modules', '.bin', 'tsc');
  const { code, stdout } = await run(tsc, ['-p', project, '--pretty', 'false'], folder);
  const errors = stdout.split('\n').filter((line) => /\berror TS/.test(line));
  // A compiler that did not run at all finds no errors either.
  expect(code === 0).toBe(errors.length === 0);
  return errors.filter((line) => !/^node_modules\/(?!@processflow\/)/.test(line));
}
