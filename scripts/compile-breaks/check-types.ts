import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../run.ts';

const tsc = join(import.meta.dirname, '..', '..', 'node_modules', 'typescript', 'bin', 'tsc');

export interface TypeError {
  readonly file: string;
  /** The text of the line that the error stands at. */
  readonly line: string;
  readonly code: string;
  readonly message: string;
}

/**
 * What the compiler is asked about, each with all that it imports. All take the workspace's own settings, and look only
 * at what is not as it was at the first check.
 */
export type Scope = keyof typeof INCLUDED;

const AMBIENT = ['packages/*/src/*.d.ts', 'apps/*/src/*.d.ts'];
const INCLUDED = {
  definitions: { files: ['db/channels.ts'], include: [] },
  /** The rules, and a screen that hears events. */
  live: {
    files: ['apps/web/src/live.ts', 'apps/web/src/features/task/use-others-changes.ts'],
    include: AMBIENT,
  },
  everything: { include: ['apps', 'db', ...AMBIENT] },
};

/**
 * Asks `tsc` about the workspace in this folder; the errors come in its own order. With `files`, only about those, in
 * less than half of the time that everything takes.
 */
export async function checkTypes(
  folder: string,
  scope: Scope,
  files?: readonly string[],
): Promise<TypeError[]> {
  const project = `tsconfig.${scope}.json`;
  const state = join(folder, `${scope}.tsbuildinfo`);
  const first = join(folder, `${scope}.first`);
  if (existsSync(first)) copyFileSync(first, state);
  writeFileSync(
    join(folder, project),
    JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions: { incremental: true, tsBuildInfoFile: state },
      ...(files === undefined ? INCLUDED[scope] : { files, include: AMBIENT }),
    }),
  );
  let output = '';
  const code = await run(process.execPath, [tsc, '--project', project, '--pretty', 'false'], {
    cwd: folder,
    onOutput: (text) => (output += text),
  });
  const errors = [...output.matchAll(/^(.+?)\((\d+),\d+\): error (TS\d+): (.*)$/gm)].map(
    ([, file, line, error, message]) => ({
      file: file!,
      line: readFileSync(join(folder, file!), 'utf8').split('\n')[Number(line) - 1]!.trim(),
      code: error!,
      message: message!,
    }),
  );
  if ((code === 0) !== (errors.length === 0)) throw new Error(`tsc ended with ${code}: ${output}`);
  if (!existsSync(first)) copyFileSync(state, first);
  rmSync(state);
  return errors;
}
