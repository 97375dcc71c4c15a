import { join } from 'node:path';

import { run } from '../../scripts/run.ts';

const tsc = join(import.meta.dirname, '..', '..', 'node_modules', 'typescript', 'bin', 'tsc');
const SECOND = 1000;

export interface Cost {
  /** From start to end, as a person waits for it. */
  readonly seconds: number;
  /** The checker alone, as the compiler tells it. */
  readonly checkSeconds: number;
  readonly files: number;
  readonly types: number;
  readonly instantiations: number;
  readonly megabytes: number;
}

/** Runs `tsc` in this folder; throws when the code does not compile, for then nothing was measured. */
export async function measureTypes(folder: string): Promise<Cost> {
  let output = '';
  const begin = performance.now();
  const code = await run(process.execPath, [tsc, '--extendedDiagnostics', '--pretty', 'false'], {
    cwd: folder,
    onOutput: (text) => (output += text),
  });
  const seconds = (performance.now() - begin) / SECOND;
  if (code !== 0) throw new Error(`tsc ended with exit code ${code}:\n${output}`);
  const figure = (name: string): number => {
    const found = new RegExp(`^${name}: +([\\d.]+)`, 'm').exec(output)?.[1];
    if (found === undefined) throw new Error(`tsc does not tell "${name}" any more:\n${output}`);
    return Number(found);
  };
  return {
    seconds,
    checkSeconds: figure('Check time'),
    files: figure('Files'),
    types: figure('Types'),
    instantiations: figure('Instantiations'),
    megabytes: figure('Memory used') / 1024,
  };
}
