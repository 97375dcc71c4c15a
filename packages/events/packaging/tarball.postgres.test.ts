import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { testDatabase } from '../../../db/testing.ts';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NEEDS, packagesOf } from './entries.ts';
import { KIT, type Manifest, type Packed, packKit } from './pack.ts';
import { bareProject, installedProject } from './project.ts';
import { run, runWell } from './run.ts';

const SECOND = 1000;
const TSC = join(KIT, 'node_modules', '.bin', 'tsc');

let packed: Packed;
beforeAll(async () => {
  packed = await packKit();
}, 120 * SECOND);
afterAll(() => packed[Symbol.asyncDispose]());

test('the tarball has the build, the docs and nothing else', async () => {
  const names = await readdir(packed.folder, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(packed.folder.length + 1));
  expect(files).toContain('README.md');
  const others = files.filter((file) => !/^(dist\/.*\.js|dist\/.*\.d\.ts|docs\/.*\.md)$/.test(file));
  expect(others.toSorted()).toEqual(['README.md', 'package.json']);
  expect(
    files.filter((file) => /\.test|test-helpers|testing-helpers|packaging|adapters\/.*\.(js|ts)$/.test(file)),
  ).toEqual([]);
});

test('its entries are those of the workspace', async () => {
  const { exports } = JSON.parse(await readFile(join(KIT, 'package.json'), 'utf8')) as Manifest;
  expect(Object.keys(packed.manifest.exports)).toEqual([...Object.keys(exports), './package.json']);
  expect(Object.keys(NEEDS)).toEqual(Object.keys(exports));
});

test('publint has nothing to say', async () => {
  const { messages, pkg } = await publint({ pack: { tarball: await bytesOf(packed.tarball) }, strict: true });
  expect((pkg as Manifest).exports).toEqual(packed.manifest.exports);
  expect(messages).toEqual([]);
});

test('are the types wrong? They are not', async () => {
  const result = await checkPackage(
    createPackageFromTarballData(new Uint8Array(await bytesOf(packed.tarball))),
  );
  if (result.types === false) throw new Error('The tarball has no types');
  expect(Object.keys(result.entrypoints)).toEqual(Object.keys(packed.manifest.exports));
  const problems = result.problems.filter((problem) => !isOfOldTimes(problem));
  expect(problems).toEqual([]);
});

describe.each(Object.entries(NEEDS))('entry "%s"', (entry, { run: runs, compile }) => {
  const specifier = join('@processflow/events', entry);

  test('imports what it says, and no more', async () => {
    expect(await packagesOf(packed, entry, 'run')).toEqual(runs);
    expect(await packagesOf(packed, entry, 'compile')).toEqual(compile);
  });

  test('runs with only that', async () => {
    await using project = await bareProject(packed, runs);
    const script = `console.log(Object.keys(await import('${specifier}')).length)`;
    const out = await runWell(process.execPath, ['--input-type=module', '-e', script], project.folder);
    expect(Number(out)).toBeGreaterThan(0);
  });

  test('compiles with only that', async () => {
    await using project = await bareProject(packed, [...compile, '@types/node', '@types/react']);
    await writeFile(join(project.folder, 'app.ts'), `export * from '${specifier}';\n`);
    expect(await run(TSC, ['-p', '.'], project.folder)).toMatchObject({ code: 0, stdout: '' });
  });
});

describe.each(['lowest', 'newest'] as const)(
  'installed in an empty project with the %s of each peer',
  (end) => {
    test(
      'compiles, refuses what is wrong, and is live from the database to the query',
      async () => {
        await using project = await installedProject(packed, dependenciesAt(end));
        await assertTypes(project.folder);
        await assertSources(project.folder);
        await using database = await testDatabase({ migrated: false });
        const out = await runWell(process.execPath, ['main.ts', database.connectionString], project.folder);
        expect(JSON.parse(out)).toEqual({
          channel: 'note_changes',
          operation: 'INSERT',
          bytes: '9007199254740993',
          shown: ['written'],
          html: '<output>live</output>',
          faked: ['faked'],
        });
      },
      180 * SECOND,
    );
  },
);

/** The peers at one end of their ranges: the lowest version a range names, or the one the workspace has. */
function dependenciesAt(end: 'lowest' | 'newest'): Record<string, string> {
  const { peerDependencies, devDependencies } = packed.manifest;
  const newest = (name: string): string => devDependencies[name] ?? `no version of ${name} is known`;
  const peers = Object.entries(peerDependencies).map(([name, range]) => [
    name,
    end === 'newest' ? newest(name) : lowestOf(range),
  ]);
  const others = [...OTHERS, ...Object.keys(BESIDE_REACT)].map((name) => [name, newest(name)]);
  return {
    ...Object.fromEntries([...peers, ...others]),
    ...(end === 'lowest' ? BESIDE_REACT : {}),
  };
}

/** What the stranger's application needs besides. */
const OTHERS = ['@types/node', '@types/pg', 'eventsource', 'typescript'];
/** And what goes with its React: the lowest is 18.0.0. */
const BESIDE_REACT = { 'react-dom': '18.0.0', '@types/react': '18.2.0', '@types/react-dom': '18.2.0' };

function lowestOf(range: string): string {
  const lowest = /\d+\.\d+\.\d+/.exec(range)?.[0];
  if (lowest === undefined) throw new Error(`The range "${range}" names no lowest version`);
  return lowest;
}

/** All of it compiles; without the marks, exactly the lines after them do not. */
async function assertTypes(folder: string): Promise<void> {
  expect(await errorsIn(folder)).toEqual([]);
  const marked = await readFile(join(folder, 'wrong.ts'), 'utf8');
  const wrong = marked.split('\n').flatMap((line, at) => (line.includes(MARK) ? [`wrong.ts:${at + 2}`] : []));
  expect(wrong.length).toBeGreaterThan(0);
  await writeFile(join(folder, 'wrong.ts'), marked.replaceAll(MARK, ''));
  const errors = await errorsIn(folder);
  expect([...new Set(errors.map((error) => error.replace(/^(.*)\((\d+),.*/, '$1:$2')))]).toEqual(wrong);
}

const MARK = '@ts-expect-error';

/** The kit's own sources against these peers: what they lack must not be found out only when it runs. */
async function assertSources(folder: string): Promise<void> {
  await cp(join(KIT, 'src'), join(folder, 'kit'), { recursive: true });
  const { compilerOptions } = JSON.parse(
    await readFile(join(KIT, '../../tsconfig.json'), 'utf8'),
  ) as object & {
    compilerOptions: object;
  };
  const { files } = JSON.parse(await readFile(join(KIT, 'tsconfig.build.json'), 'utf8')) as {
    files: string[];
  };
  const own = files.map((file) => file.replace(/^src/, 'kit'));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: own }));
  expect(await errorsIn(folder)).toEqual([]);
}

/** The first lines of the compiler's errors, in the project or in the kit: declarations of others are theirs. */
async function errorsIn(folder: string): Promise<string[]> {
  const { stdout } = await run(
    join(folder, 'node_modules', '.bin', 'tsc'),
    ['-p', '.', '--pretty', 'false'],
    folder,
  );
  return stdout
    .split('\n')
    .filter((line) => /\berror TS/.test(line) && !/^node_modules\/(?!@processflow\/)/.test(line));
}

/** `require` is given the ES module by Node since 22.12, and TypeScript's oldest resolution knows no `exports`. */
function isOfOldTimes(problem: { kind: string; resolutionKind?: string }): boolean {
  return (
    problem.kind === 'CJSResolvesToESM' ||
    (problem.kind === 'NoResolution' && problem.resolutionKind === 'node10')
  );
}

async function bytesOf(file: string): Promise<ArrayBuffer> {
  return new Uint8Array(await readFile(file)).buffer;
}
