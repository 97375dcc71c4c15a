import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { KIT, type Packed, pinnedPnpm } from './pack.ts';
import { runWell } from './run.ts';

export interface Project extends AsyncDisposable {
  readonly folder: string;
}

/** What a stranger's `tsc` is told; everything else is as it comes. */
const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'NodeNext',
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: ['node'],
  },
};

async function emptyProject(manifest: object): Promise<Project> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'events-stranger-'));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', ...manifest }),
  );
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** An empty project outside of the workspace, in which pnpm has installed the tarball and these packages. */
export async function installedProject(
  { tarball, manifest }: Packed,
  dependencies: Readonly<Record<string, string>>,
): Promise<Project> {
  const project = await emptyProject({
    dependencies: { ...dependencies, [manifest.name]: `file:${tarball}` },
  });
  // Peers must agree with each other, and nothing can be imported that is not declared.
  const args = ['install', '--prefer-offline', '--ignore-scripts', '--strict-peer-dependencies'];
  await runWell('npx', ['--yes', await pinnedPnpm(), ...args], project.folder);
  await cp(join(KIT, 'packaging', 'stranger'), project.folder, { recursive: true });
  return project;
}

/** An empty project that has the kit and these packages of the workspace, and cannot reach any other. */
export async function bareProject(packed: Packed, packages: readonly string[]): Promise<Project> {
  const project = await emptyProject({});
  const modules = join(project.folder, 'node_modules');
  await cp(packed.folder, join(modules, packed.manifest.name), { recursive: true });
  await Promise.all(
    packages.map(async (name) => {
      const to = join(modules, name);
      await mkdir(dirname(to), { recursive: true });
      await symlink(await realpath(join(KIT, 'node_modules', name)), to, 'junction');
    }),
  );
  return project;
}
