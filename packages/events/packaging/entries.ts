import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { importsIn } from './imports.ts';
import type { Packed } from './pack.ts';

/** What each entry needs beside itself: when it runs, and when it is only compiled against. */
export const NEEDS: Readonly<Record<string, { readonly run: string[]; readonly compile: string[] }>> = {
  '.': { run: [], compile: [] },
  './postgres': { run: ['kysely', 'pg'], compile: ['kysely'] },
  './server': { run: ['@trpc/server', 'zod'], compile: ['@trpc/server', 'zod'] },
  './react': { run: ['react'], compile: ['@tanstack/react-query', 'react'] },
  './shared': { run: [], compile: [] },
  // `pg` is loaded by `listenInTest` alone, at its call.
  './testing': { run: ['pg'], compile: [] },
};

/** The packages that an entry of the packed kit imports, it and all its files; Node's own modules are left out. */
export async function packagesOf(packed: Packed, entry: string, kind: 'run' | 'compile'): Promise<string[]> {
  const exported = packed.manifest.exports[entry];
  if (typeof exported !== 'object') throw new Error(`The manifest has no entry "${entry}"`);
  const found = new Set<string>();
  const seen = new Set<string>();
  const waiting = [join(packed.folder, kind === 'run' ? exported.default : exported.types)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    // oxlint-disable-next-line no-await-in-loop -- what comes next stands in it
    const source = await readFile(file, 'utf8');
    for (const specifier of importsIn(source)) {
      if (specifier.startsWith('.')) waiting.push(join(dirname(file), declarationOf(specifier)));
      else if (!specifier.startsWith('node:')) found.add(packageOf(specifier));
    }
  }
  return [...found].toSorted();
}

function declarationOf(specifier: string): string {
  return specifier.replace(/\.tsx?$/, '.d.ts');
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
