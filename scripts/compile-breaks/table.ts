import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import { run } from '../run.ts';
import type { TypeError } from './check-types.ts';

const root = join(import.meta.dirname, '..', '..');
const page = join(root, 'packages', 'events', 'docs', 'compile-breaks.md');
const oxfmt = join(root, 'node_modules', 'oxfmt', 'bin', 'oxfmt');
/** A type that is longer than this is not shown: it changes with whatever else the app defines. */
const LONGEST = 100;

export interface Row extends TypeError {
  readonly way: string;
}

/** Holds the page's table equal to what the compiler said; with `UPDATE_DOCS` set, writes it. */
export async function expectTable(rows: readonly Row[]): Promise<void> {
  const before = await readFile(page, 'utf8');
  const [intro] = before.split(/^\|/m, 1) as [string];
  const table = [['way', 'file', 'line', 'error'], ['---', '---', '---', '---'], ...rows.map(cells)];
  if (process.env['UPDATE_DOCS'] !== undefined) {
    await writeFile(page, `${intro}${table.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`);
    await run(process.execPath, [oxfmt, page]);
    return;
  }
  expect(readTable(before)).toEqual(table.filter(([first]) => first !== '---'));
}

function cells({ way, file, line, code, message }: Row): string[] {
  const said = message.replaceAll(/'([^']*)'/g, (type: string) => (type.length > LONGEST ? "'...'" : type));
  return [escaped(way), quoted(file), quoted(line), `${code}: ${escaped(said)}`];
}

function quoted(code: string): string {
  return `\`${code.replaceAll('|', '\\|')}\``;
}

function escaped(text: string): string {
  return text.replaceAll(/[|<>]/g, '\\$&');
}

function readTable(markdown: string): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| *-/.test(line))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
