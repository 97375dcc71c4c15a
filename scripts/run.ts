import { type ChildProcess, spawn } from 'node:child_process';

export interface RunOptions {
  cwd?: string;
  /** Added to the environment. */
  env?: Record<string, string>;
  /** Gets what the program prints; without it, that goes where ours goes. */
  onOutput?: (text: string) => void;
}

const children = new Set<ChildProcess>();

/** Runs a program without input to its end and gives its exit code; 127 when there is no such program. */
export function run(program: string, args: string[], options: RunOptions = {}): Promise<number> {
  const { onOutput } = options;
  const output = onOutput === undefined ? 'inherit' : 'pipe';
  const child = spawn(program, args, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ['ignore', output, output],
    // What npm installs as a program is a script there.
    shell: process.platform === 'win32',
  });
  children.add(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => onOutput?.(text));
  }
  return new Promise((resolve) => {
    const end = (code: number): void => {
      children.delete(child);
      resolve(code);
    };
    child.once('error', (error) => {
      onOutput?.(`${program}: ${error.message}\n`);
      end(127);
    });
    child.once('close', (code) => end(code ?? 1));
  });
}

/** Passes a signal on to whatever `run` has running. */
export function signalChildren(signal: NodeJS.Signals): void {
  for (const child of children) child.kill(signal);
}
