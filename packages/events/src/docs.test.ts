import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { expect, test } from 'vitest';

import * as contract from './index.ts';
import * as postgres from './postgres/index.ts';
import * as react from './react/index.ts';
import * as server from './server/index.ts';
import * as shared from './shared.ts';
import { checkExamples, type Names } from './testing-helpers/check-examples.ts';
import { type Example, packageFolder, readDocComments, readPages } from './testing-helpers/doc-examples.ts';
import * as testing from './testing.ts';

const SECOND = 1000;
const entries = {
  '.': contract,
  './postgres': postgres,
  './server': server,
  './react': react,
  './shared': shared,
  './testing': testing,
};
const files: Record<string, string> = {
  '.': 'src/index.ts',
  './postgres': 'src/postgres/index.ts',
  './server': 'src/server/index.ts',
  './react': 'src/react/index.ts',
  './shared': 'src/shared.ts',
  './testing': 'src/testing.ts',
};
const comments = readDocComments();
const pages = [
  ...globSync(['README.md', 'docs/*.md'], { cwd: packageFolder }).map((page) => join(packageFolder, page)),
  join(packageFolder, '..', '..', 'README.md'),
];
const exported = Object.entries(entries).flatMap(([entry, module]) =>
  Object.keys(module).map((name) => ({ entry, name })),
);

test.each(exported)('$name of "$entry" is explained in a sentence, and shown', ({ name }) => {
  const comment = comments.find((one) => one.name === name);
  expect(comment?.text).toMatch(/^[A-Z"`].{20,}[.:]/);
  expect(comment?.example?.code).toContain(name);
});

test('what throws an error says so', () => {
  const thrown = comments
    .map(({ file }) => file)
    .flatMap((file) => {
      const source = readFileSync(join(packageFolder, file), 'utf8');
      return [...source.matchAll(/new EventsError\(\s*'([\w-]+)'/g)].map(([, code]) => `${file}: ${code!}`);
    });
  const told = new Set(
    comments.flatMap(({ file, text }) =>
      [...text.matchAll(/`([a-z-]+)`/g)].map(([, code]) => `${file}: ${code!}`),
    ),
  );
  // Nobody outside can cause it: a statement of the kit's own that the kit cannot read.
  const untold = new Set(thrown)
    .difference(told)
    .difference(new Set(['src/postgres/check-expected.ts: bad-definition']));
  expect(thrown.length).toBeGreaterThan(10);
  expect([...untold]).toEqual([]);
});

test('the page of all exports is what the sources say (else: run this with UPDATE_DOCS=1)', () => {
  const page = join(packageFolder, 'docs/api.md');
  const written = formatted(apiPage(), page);
  if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(page, written);
  expect(readFileSync(page, 'utf8')).toBe(written);
});

test('every example compiles', { timeout: 60 * SECOND }, () => {
  const shown = [
    ...comments.flatMap(({ example }) => (example === undefined ? [] : [example])),
    ...readPages(pages),
  ];
  expect(shown.length).toBeGreaterThanOrEqual(exported.length);
  expect(checkExamples(shown, namesFor)).toEqual([]);
});

test('an example that is wrong does not', { timeout: 60 * SECOND }, () => {
  const code = '// Two lines down is a fault.\n\nkeyOf(channels.rol_changes);';
  const wrong: Example = { file: 'docs/wrong.md', line: 7, code, language: 'ts', name: undefined };
  expect(checkExamples([wrong], namesFor)).toEqual([
    expect.stringContaining('docs/wrong.md:9: error TS2551'),
  ]);
});

test('the links between the pages lead somewhere', () => {
  const dead = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map(([, target]) => join(dirname(page), target!))
      .filter((target) => !existsSync(target)),
  );
  expect(dead).toEqual([]);
});

test('no page of the package links to what its tarball does not have', () => {
  const shipped = pages.filter((page) => !relative(packageFolder, page).startsWith('..'));
  const astray = shipped.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map(([, target]) => relative(packageFolder, join(dirname(page), target!)))
      .filter((target) => !/^(README\.md|docs\/[\w-]+\.md)$/.test(target)),
  );
  expect(shipped.length).toBeGreaterThan(5);
  expect(astray).toEqual([]);
});

/** The kit's own names, those of the example's own entry first, and what the examples take as given. */
function namesFor({ file }: Example): Names {
  const own = Object.keys(entries).find((entry) => entry !== '.' && file.startsWith(`src/${entry.slice(2)}`));
  const browser = file.startsWith('src/live') ? './react' : own;
  return [
    ...Object.keys(entries)
      .toSorted((a, b) => Number(b === browser) - Number(a === browser))
      .map((entry) => [`@processflow/events${entry.slice(1)}`, namesIn(files[entry]!)] as const),
    [join(packageFolder, 'src/docs-prelude.test-d.ts'), namesIn('src/docs-prelude.test-d.ts')] as const,
  ];
}

/** What a file exports, types included. */
function namesIn(file: string): ReadonlySet<string> {
  const source = readFileSync(join(packageFolder, file), 'utf8');
  const lists = source.matchAll(/export (?:type |const )?\{([^}]*)\}/g);
  const single = source.matchAll(/export (?:declare )?(?:const|function|interface|type) (\w+)/g);
  return new Set([
    ...[...lists].flatMap((match) => [...match[1]!.matchAll(/(?:type )?(\w+)/g)].map((name) => name[1]!)),
    ...[...single].map((match) => match[1]!),
  ]);
}

/** Every export with its sentence and its example, from the doc comments. */
function apiPage(): string {
  const sections = Object.entries(entries).map(([entry, module]) => {
    const names = Object.keys(module).toSorted();
    return [`## "${entry}"`, ...names.map((name) => apiEntry(name))].join('\n\n');
  });
  const intro =
    'From the doc comments of the sources, which also say what each option and result is. Times are in milliseconds. ' +
    'What the kit finds wrong it throws as an `EventsError`, see [errors](errors.md).';
  return ['# Every export', intro, ...sections, ''].join('\n\n');
}

function apiEntry(name: string): string {
  const comment = comments.find((one) => one.name === name);
  const text = (comment?.text ?? '').replaceAll(/\{@link (\w+)\}/g, '`$1`');
  const { code = '', language = 'ts' } = comment?.example ?? {};
  return `### ${name}\n\n${text}\n\n\`\`\`${language}\n${code}\n\`\`\``;
}

function formatted(markdown: string, page: string): string {
  const oxfmt = join(packageFolder, '..', '..', 'node_modules', 'oxfmt', 'bin', 'oxfmt');
  const { stdout, stderr } = spawnSync(process.execPath, [oxfmt, '--stdin-filepath', page], {
    input: markdown,
    encoding: 'utf8',
    cwd: join(packageFolder, '..', '..'),
  });
  expect(stderr).toBe('');
  return stdout;
}
