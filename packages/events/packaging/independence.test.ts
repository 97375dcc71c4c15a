import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { importsIn } from './imports.ts';
import { KIT } from './pack.ts';

const SOURCES = join(KIT, 'src');
/** What only our tests use may use the workspace's databases. */
const UNSHIPPED = /\.test(-d)?\.tsx?$|^testing-helpers\/|^server\/adapters\//;
/** Words of the product that this kit came out of. */
const FOREIGN =
  /processflow(?!\/events\b)|bpmn|flow_?element|process_?(instance|model)|invitation|mantine|better-?auth/i;

async function sources(): Promise<{ name: string; source: string }[]> {
  const names = await readdir(SOURCES, { recursive: true });
  const shipped = names.filter((name) => /\.tsx?$/.test(name) && !UNSHIPPED.test(name));
  return Promise.all(
    shipped.map(async (name) => ({ name, source: await readFile(join(SOURCES, name), 'utf8') })),
  );
}

test('nothing that is shipped imports from outside of the package', async () => {
  const all = await sources();
  expect(all.length).toBeGreaterThan(30);
  const strays = all.flatMap(({ name, source }) =>
    importsIn(source)
      .filter((specifier) =>
        specifier.startsWith('.')
          ? relative(SOURCES, join(SOURCES, dirname(name), specifier)).startsWith('..')
          : specifier.startsWith('@processflow/'),
      )
      .map((specifier) => `${name} imports ${specifier}`),
  );
  expect(strays).toEqual([]);
});

test('nothing that is shipped imports what only tests have', async () => {
  const strays = (await sources()).flatMap(({ name, source }) =>
    importsIn(source)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => relative(SOURCES, join(SOURCES, dirname(name), specifier)))
      .filter((imported) => UNSHIPPED.test(imported))
      .map((imported) => `${name} imports ${imported}`),
  );
  expect(strays).toEqual([]);
});

test('it does not speak of the product it came out of', async () => {
  const spoken = (await sources()).flatMap(({ name, source }) =>
    source
      .split('\n')
      .flatMap((line, at) => (FOREIGN.test(line) ? [`${name}:${at + 1}: ${line.trim()}`] : [])),
  );
  expect(spoken).toEqual([]);
});
