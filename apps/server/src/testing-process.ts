import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The app as a process of its own. Disposing it kills whatever is left of it. */
export interface AppProcess extends AsyncDisposable {
  /** Waits until a line on either output matches. Fails when the process ends without it. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** What came on both outputs, so far. */
  output(): Pick<Ended, 'stdout' | 'stderr'>;
  signal(name: NodeJS.Signals): void;
  ended(): Promise<Ended>;
  /** Whether any process that it started, or itself, is still there. */
  isAlive(): boolean;
}

/** Starts `main.ts` with these settings and no others. */
export function startMain(settings: Record<string, string>, ...args: string[]): AppProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: args.includes('--dev') ? 'development' : 'production',
      // Reading all sources anew for each start is most of what these tests would do.
      NODE_COMPILE_CACHE: join(tmpdir(), 'processflow-compile-cache'),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, by which those that it starts are found.
    detached: true,
  });
  const texts = { stdout: '', stderr: '' };
  const heard = new EventTarget();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      heard.dispatchEvent(new Event('change'));
    });
  }
  const end = endOf(child);
  void end.then(() => heard.dispatchEvent(new Event('change')));
  const isAlive = (): boolean => {
    try {
      return process.kill(-child.pid!, 0);
    } catch {
      return false;
    }
  };
  return {
    async said(pattern) {
      for (;;) {
        const found = pattern.exec(texts.stdout) ?? pattern.exec(texts.stderr);
        if (found !== null) return found;
        if (hasEnded(child))
          throw new Error(`It ended without saying ${pattern}:\n${texts.stdout}${texts.stderr}`);
        await once(heard, 'change');
      }
    },
    output: () => ({ ...texts }),
    signal: (name) => void child.kill(name),
    ended: async () => ({ code: await end, ...texts }),
    isAlive,
    async [Symbol.asyncDispose]() {
      if (isAlive()) process.kill(-child.pid!, 'SIGKILL');
      await end;
    },
  };
}

/** Runs `main.ts` to the end to which these settings bring it. */
export async function runMain(settings: Record<string, string>): Promise<Ended> {
  await using app = startMain(settings);
  return await app.ended();
}

async function endOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
