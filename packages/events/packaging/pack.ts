import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runWell } from './run.ts';

export const KIT = join(import.meta.dirname, '..');

export interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string } | string>>;
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
  /** After packing they are exact versions. */
  readonly devDependencies: Readonly<Record<string, string>>;
}

export interface Packed extends AsyncDisposable {
  /** The tarball, as it would be published. */
  readonly tarball: string;
  /** What is in it, unpacked. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Builds and packs the kit with the workspace's own pnpm, into a folder of its own. */
export async function packKit(): Promise<Packed> {
  const destination = await mkdtemp(join(tmpdir(), 'events-packed-'));
  await runWell('npx', ['--yes', await pinnedPnpm(), 'pack', '--pack-destination', destination], KIT);
  const [name] = await readdir(destination);
  const tarball = join(destination, name ?? '');
  await runWell('tar', ['-xzf', tarball], destination);
  const folder = join(destination, 'package');
  return {
    tarball,
    folder,
    manifest: JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest,
    [Symbol.asyncDispose]: () => rm(destination, { recursive: true }),
  };
}

/** The one that the workspace names, as npx is told. */
export async function pinnedPnpm(): Promise<string> {
  const root = JSON.parse(await readFile(join(KIT, '../../package.json'), 'utf8')) as {
    packageManager: string;
  };
  return root.packageManager;
}
