import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { type Example, packageFolder, placeOf } from './doc-examples.ts';

const workspace = join(packageFolder, '..', '..');

/** Which module brings a name that an example uses without importing it. The first one that has it does. */
export type Names = readonly (readonly [module: string, names: ReadonlySet<string>])[];

/** Compiles the examples as a user's project would, all at once; gives the errors with where they stand in the docs. */
export function checkExamples(examples: readonly Example[], names: (example: Example) => Names): string[] {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'events-docs-')));
  try {
    linkModules(folder);
    const headers = new Map<string, { example: Example; lines: number }>();
    for (const example of examples) {
      const place = placeOf(example);
      const header = importsOf(example.code, names(example));
      mkdirSync(dirname(join(folder, place)), { recursive: true });
      writeFileSync(join(folder, place), `${header}${example.code}\nexport {};\n`);
      headers.set(place, { example, lines: header.split('\n').length - 1 });
    }
    const options = {
      // Examples show one thing; what they do not use is for the reader.
      noUnusedLocals: false,
      noUnusedParameters: false,
      verbatimModuleSyntax: false,
      isolatedModules: false,
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(workspace, 'tsconfig.json'),
        compilerOptions: options,
        files: [...headers.keys()],
        include: [],
      }),
    );
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    const tsc = join(workspace, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [, place, number, message] = /^(.+?)\((\d+),\d+\): (.*)$/.exec(line) ?? [];
        const found = headers.get(place ?? '');
        return found === undefined
          ? line
          : `${found.example.file}:${found.example.line + Number(number) - 1 - found.lines}: ${message}`;
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function importsOf(code: string, names: Names): string {
  const text = code.replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
  const own = declaredIn(text);
  const wanted = new Set([...text.matchAll(/[A-Za-z_$][\w$]*/g)].map(([word]) => word));
  return names
    .map(([module, available]) => {
      const used = [...available].filter((name) => wanted.has(name) && !own.has(name));
      for (const name of used) own.add(name);
      return used.length === 0 ? '' : `import { ${used.join(', ')} } from '${module}';\n`;
    })
    .join('');
}

function declaredIn(text: string): Set<string> {
  const single = text.matchAll(/\b(?:const|let|using|function\*?|class|interface|type|import) (\w+)/g);
  const several = text.matchAll(/\b(?:const|let|import|import type) [{[]([^=;]*?)[}\]] *(?:=|from\b)/g);
  return new Set([
    ...[...single].map((match) => match[1]!),
    ...[...several].flatMap((match) => [...match[1]!.matchAll(/(\w+)\s*(?:,|$|=)/g)].map((name) => name[1]!)),
  ]);
}

/** What the kit depends on while it is developed, and the kit itself by its name. */
function linkModules(folder: string): void {
  const link = (target: string, ...path: string[]): void => {
    const to = join(folder, 'node_modules', ...path);
    mkdirSync(dirname(to), { recursive: true });
    if (!existsSync(to)) symlinkSync(realpathSync(target), to);
  };
  const modules = join(packageFolder, 'node_modules');
  for (const name of readdirSync(modules)) {
    if (name.startsWith('.')) continue;
    if (!name.startsWith('@')) link(join(modules, name), name);
    else for (const part of readdirSync(join(modules, name))) link(join(modules, name, part), name, part);
  }
  link(join(workspace, 'node_modules', '@types', 'node'), '@types', 'node');
  link(packageFolder, '@processflow', 'events');
}
