import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const LEFT_OUT = /^(?:node_modules|dist|docs|\..*|.*\.test(?:-d)?\.tsx?)$/;

/** The workspace's sources without their tests, in a temporary folder, to be changed at will. */
export interface WorkspaceCopy extends AsyncDisposable {
  readonly folder: string;
  /** Writes a file, new or over that of the copy, until `restore`. */
  write(file: string, content: string): void;
  /** Replaces the one place where `find` stands. */
  replace(file: string, find: string, replacement: string): void;
  restore(): void;
}

/** Copies the workspace: packages find each other in the copy, and everything else where it is installed. */
export async function copyWorkspace(): Promise<WorkspaceCopy> {
  const folder = realpathSync(await mkdtemp(join(tmpdir(), 'processflow-types-')));
  const workspaces = [
    'db',
    ...['apps', 'packages'].flatMap((parent) =>
      readdirSync(join(root, parent)).map((name) => join(parent, name)),
    ),
  ];
  for (const file of ['package.json', 'tsconfig.json']) cpSync(join(root, file), join(folder, file));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const workspace of workspaces) {
    cpSync(join(root, workspace), join(folder, workspace), {
      recursive: true,
      filter: (source) => source === join(root, workspace) || !LEFT_OUT.test(basename(source)),
    });
    linkModules(join(root, workspace, 'node_modules'), join(folder, workspace, 'node_modules'), folder);
  }

  const originals = new Map<string, string | undefined>();
  function write(file: string, content: string): void {
    const path = join(folder, file);
    if (!originals.has(path)) {
      originals.set(path, existsSync(path) ? readFileSync(path, 'utf8') : undefined);
    }
    writeFileSync(path, content);
  }

  return {
    folder,
    write,
    replace(file, find, replacement) {
      const parts = readFileSync(join(folder, file), 'utf8').split(find);
      if (parts.length !== 2) {
        throw new Error(
          `${file} has ${parts.length - 1} places with ${JSON.stringify(find)}, not one. Rewrite the way that breaks it.`,
        );
      }
      write(file, parts.join(replacement));
    },
    restore() {
      for (const [path, content] of originals) {
        if (content === undefined) rmSync(path);
        else writeFileSync(path, content);
      }
      originals.clear();
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function linkModules(from: string, to: string, folder: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name.startsWith('.')) continue;
    if (name.startsWith('@')) {
      linkModules(join(from, name), join(to, name), folder);
      continue;
    }
    const target = realpathSync(join(from, name));
    const inside = relative(root, target);
    const ours = !inside.startsWith('..') && !inside.split(sep).includes('node_modules');
    symlinkSync(ours ? join(folder, inside) : target, join(to, name));
  }
}
