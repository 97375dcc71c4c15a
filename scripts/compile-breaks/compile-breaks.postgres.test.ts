import { afterAll, beforeAll, expect, test } from 'vitest';

import { generateTypes } from '../../db/generate-types.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { migrations } from '../../db/migrations/index.ts';
import { testDatabase } from '../../db/testing.ts';
import { checkTypes, type TypeError } from './check-types.ts';
import { expectTable, type Row } from './table.ts';
import type { Place, Way } from './way.ts';
import { WAYS } from './ways.ts';
import { copyWorkspace, type WorkspaceCopy } from './workspace-copy.ts';

const SECOND = 1000;
/** On two busy cores, everything takes a minute. */
const PATIENCE = 120 * SECOND;

let copy: WorkspaceCopy;
const rows: Row[] = [];

beforeAll(async () => {
  copy = await copyWorkspace();
});

afterAll(() => copy[Symbol.asyncDispose]());

test.each(['definitions', 'live', 'everything'] as const)(
  'unbroken, it compiles: %s',
  { timeout: PATIENCE },
  async (scope) => {
    expect(await checkTypes(copy.folder, scope)).toEqual([]);
  },
);

test('there are enough ways, each another one', () => {
  expect(WAYS.length).toBeGreaterThanOrEqual(18);
  expect(new Set(WAYS.map(({ way }) => way)).size).toBe(WAYS.length);
});

test.each(WAYS)('$way', { timeout: PATIENCE }, async (way) => {
  try {
    await breakIt(way);
    const errors = await checkTypes(copy.folder, way.scope, filesOf(way));
    for (const place of way.places) {
      const error = errors.find((one) => isAt(one, place));
      expect(error, `no such error, but:\n${errors.map(describe).join('\n')}`).toBeDefined();
      rows.push({ way: way.way, ...error! });
    }
  } finally {
    copy.restore();
  }
});

test('the table in the docs is what happened (else: run this with UPDATE_DOCS=1)', async () => {
  await expectTable(rows);
});

async function breakIt({ migration, edits = [], files = {} }: Way): Promise<void> {
  if (migration !== undefined) {
    await using database = await testDatabase();
    await migrateToLatest(database.db, { ...migrations, '9999_breaks': { up: migration } });
    copy.write('db/types.ts', await generateTypes(database.db));
  }
  for (const [file, content] of Object.entries(files)) copy.write(file, content);
  for (const [file, find, replacement] of edits) copy.replace(file, find, replacement);
}

/** Of what takes long to check, only where the errors are to be. */
function filesOf({ scope, places }: Way): string[] | undefined {
  return scope === 'everything' ? [...new Set(places.map(({ file }) => file))] : undefined;
}

function isAt(error: TypeError, { file, line, code, says }: Place): boolean {
  return (
    error.file === file &&
    error.line.includes(line) &&
    plain(error.code) === plain(code) &&
    error.message.includes(says)
  );
}

/** Whether the compiler adds "Did you mean ...?" hangs on what else there is. */
const MEANT: Record<string, string> = { TS2820: 'TS2322', TS2551: 'TS2339', TS2561: 'TS2353' };

function plain(code: string): string {
  return MEANT[code] ?? code;
}

function describe({ file, line, code, message }: TypeError): string {
  return `${file}: ${line}\n  ${code}: ${message}`;
}
