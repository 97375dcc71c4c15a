import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.ts';

const root = join(import.meta.dirname, '..');
const web = join(root, 'apps', 'web');
const stamp = join(root, 'node_modules', '.processflow-web');

/**
 * Builds the web app unless what it is made from is as it was at the last build.
 * False: it could not be built, and the reason has been printed.
 */
export async function buildWebIfStale(): Promise<boolean> {
  const wanted = await fingerprint();
  const built = existsSync(join(web, 'dist', 'index.html')) && existsSync(stamp);
  if (built && readFileSync(stamp, 'utf8') === wanted) return true;
  console.log('Building the web app (only when it has changed) ...');
  rmSync(stamp, { force: true });
  const vite = join(web, 'node_modules', 'vite', 'bin', 'vite.js');
  const code = await run(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: web,
    env: { NODE_ENV: 'production' },
  });
  if (code !== 0) return false;
  writeFileSync(stamp, wanted);
  return true;
}

async function fingerprint(): Promise<string> {
  const patterns = [
    'apps/web/**',
    'packages/*/package.json',
    'packages/*/src/**',
    'apps/cli/src/doctor/**',
    'db/*.ts',
    'pnpm-lock.yaml',
  ];
  const hash = createHash('sha256');
  const files: string[] = [];
  for await (const entry of glob(patterns, { cwd: root, withFileTypes: true, exclude: ignored })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  }
  for (const file of files.toSorted()) hash.update(file).update(await readFile(file));
  return hash.digest('hex');
}

function ignored({ name }: { name: string }): boolean {
  return name === 'node_modules' || name === 'dist' || name.includes('.test.');
}
