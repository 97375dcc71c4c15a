import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Migration } from 'kysely/migration';

/** A folder of one's own whose files may import what those of this package may. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'processflow-migrations-'));
  await symlink(fileURLToPath(new URL('./node_modules', import.meta.url)), join(path, 'node_modules'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Runs a migration's source as a file, as the app would. */
export async function loadMigration(folder: string, source: string): Promise<Required<Migration>> {
  const file = join(folder, `${crypto.randomUUID()}.ts`);
  await writeFile(file, source);
  return (await import(/* @vite-ignore */ file)) as Required<Migration>;
}
