import { execFile } from 'node:child_process';
import { dirname, delimiter } from 'node:path';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program, with this very Node first in its path, and says how it ended. Rejects when it cannot be started. */
export function run(command: string, args: readonly string[], cwd: string): Promise<Ran> {
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  // What a package manager around us has set must not speak to the one we start.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|pnpm_|NODE_OPTIONS$)/i.test(name),
  );
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { cwd, env: { ...Object.fromEntries(inherited), PATH: path }, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(error);
      },
    );
  });
}

/** The same, for what must succeed. */
export async function runWell(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, cwd);
  if (code !== 0) {
    throw new Error(`"${[command, ...args].join(' ')}" ended with ${code}:\n${stdout}\n${stderr}`);
  }
  return stdout;
}
