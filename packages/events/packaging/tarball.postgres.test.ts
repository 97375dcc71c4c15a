import { readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { testDatabase } from '../../../db/testing.ts';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSources, expectTypes } from './compile.ts';
import { dependenciesAt } from './ends.ts';
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

test('the README installs this very tarball, with every peer, on the Node that it asks for', async () => {
  const readme = await readFile(join(packed.folder, 'README.md'), 'utf8');
  const [, install] = /\*\*1\. Install\*\*([\s\S]*?)\*\*2\./.exec(readme) ?? [];
  expect(install).toContain(`npm install /tmp/${basename(packed.tarball)}`);
  expect(install).toContain(`on Node ${packed.manifest.engines.node.replace('>=', '')} or newer`);
  const words = install?.split(/\s+/).map((word) => word.replace(/(?<=.)@\d+$/, ''));
  expect(words).toEqual(expect.arrayContaining(Object.keys(packed.manifest.peerDependencies)));
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

  test(
    'compiles with only that',
    async () => {
      await using project = await bareProject(packed, [...compile, '@types/node', '@types/react']);
      await writeFile(join(project.folder, 'app.ts'), `export * from '${specifier}';\n`);
      expect(await run(TSC, ['-p', '.'], project.folder)).toMatchObject({ code: 0, stdout: '' });
    },
    60 * SECOND,
  );
});

describe.each(['lowest', 'newest'] as const)(
  'installed in an empty project with the %s of each peer',
  (end) => {
    test(
      'compiles, refuses what is wrong, and is live from the database to the query',
      async () => {
        await using project = await installedProject(packed, dependenciesAt(end, packed.manifest));
        await expectTypes(project.folder);
        await expectSources(project.folder);
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
