import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { platform } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError } from '../error.ts';
import type { Home } from './home.ts';

const SECOND = 1000;

/** A shutdown that has not ended by then is made immediate; the next start recovers from the log. */
const FAST_SHUTDOWN_TIMEOUT = 15 * SECOND;
/** Crash recovery after a `kill -9` replays the log first. */
const START_TIMEOUT = 120 * SECOND;
/** How often files are looked at for which there is no event. */
const LOOK_AGAIN = 20;

export interface Postmaster {
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Runs `program` with `args` so that it also stops when this process dies, even by `kill -9`: a watcher holds
 * the other end of a pipe, and its end without a word means that we are gone. The watcher must not be a child
 * of the postmaster, which would take its exit for a crash of one of its own: hence the double fork.
 */
const WATCHED = `
(
  (if ! read -r word; then kill -INT $$; fi) <&3 >/dev/null 2>&1 &
)
exec "$@" 3<&-
`;

/** Starts PostgreSQL on the home's cluster and waits until it accepts connections. */
export async function startPostmaster(
  programs: string,
  home: Home,
  settings: Record<string, string>,
): Promise<Postmaster> {
  const args = ['-D', home.cluster, ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)];
  const program = join(programs, 'postgres');
  const log = openSync(home.log, 'w');
  const watched = platform() !== 'win32';
  const child = spawn(
    watched ? '/bin/sh' : program,
    watched ? ['-c', WATCHED, 'sh', program, ...args] : args,
    {
      ...home.account,
      cwd: '/',
      env: cleanEnvironment(),
      stdio: ['ignore', log, log, 'pipe'],
      // In a session of its own, so that Ctrl-C reaches the application alone, which then stops us in order.
      detached: watched,
    },
  );
  closeSync(log);
  const exited = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
  let gone = false;
  void exited.finally(() => (gone = true)).catch(() => undefined);
  const deadline = Date.now() + START_TIMEOUT;
  while (readPidFile(home.cluster)?.status !== 'ready' || readPidFile(home.cluster)?.pid !== child.pid) {
    if (gone || Date.now() > deadline) {
      child.kill('SIGQUIT');
      await exited;
      throw new DatabaseError(
        'cannot-start',
        `PostgreSQL did not start. Its log (${home.log}) ends:\n${tail(home.log)}`,
      );
    }
    await Promise.race([delay(LOOK_AGAIN), exited]);
  }
  // The database must not keep a process alive that has nothing else to do.
  child.unref();
  const watcher = child.stdio[3];
  if (watcher instanceof Socket) watcher.unref();
  return { pid: child.pid!, stop: () => stopChild(child, exited, programs, home) };
}

async function stopChild(
  child: ChildProcess,
  exited: Promise<void>,
  programs: string,
  home: Home,
): Promise<void> {
  child.ref();
  if (child.exitCode === null && child.signalCode === null) askToStop(child.pid!, programs, home.cluster);
  const timer = setTimeout(() => child.kill('SIGQUIT'), FAST_SHUTDOWN_TIMEOUT);
  await exited;
  clearTimeout(timer);
  const watcher = child.stdio[3];
  if (watcher instanceof Socket) watcher.end('stopped\n');
}

/**
 * Stops a postmaster that another process has left on this cluster, and clears what stands in the way of a start.
 * Call it only with the lock of the data folder in hand: only then is the postmaster nobody's.
 */
export async function stopOrphan(programs: string, cluster: string): Promise<void> {
  const file = readPidFile(cluster);
  if (file === undefined) return;
  if (!runsOn(file.pid, cluster)) {
    // The number may belong to an unrelated process now; PostgreSQL would refuse to start because of it.
    rmSync(join(cluster, 'postmaster.pid'), { force: true });
    return;
  }
  askToStop(file.pid, programs, cluster);
  const immediateAt = Date.now() + FAST_SHUTDOWN_TIMEOUT;
  let immediate = false;
  while (runsOn(file.pid, cluster)) {
    if (!immediate && Date.now() > immediateAt) {
      process.kill(file.pid, 'SIGQUIT');
      immediate = true;
    }
    await delay(LOOK_AGAIN);
  }
}

function askToStop(pid: number, programs: string, cluster: string): void {
  // Windows has no signals; pg_ctl knows PostgreSQL's substitute for them.
  if (platform() === 'win32')
    spawnSync(join(programs, 'pg_ctl'), ['stop', '-D', cluster, '-m', 'fast', '-W']);
  else process.kill(pid, 'SIGINT');
}

interface PidFile {
  pid: number;
  status: string;
}

function readPidFile(cluster: string): PidFile | undefined {
  let text: string;
  try {
    text = readFileSync(join(cluster, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, status: lines[7]?.trim() ?? 'starting' } : undefined;
}

function runsOn(pid: number, cluster: string): boolean {
  return commandLine(pid).includes(cluster);
}

function commandLine(pid: number): string {
  switch (platform()) {
    case 'linux':
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    case 'win32':
      return spawnSync(
        'powershell',
        ['-NoProfile', `(Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}').CommandLine`],
        {
          encoding: 'utf8',
        },
      ).stdout;
    default:
      return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
  }
}

/** PGPORT and the like of a developer's shell must not reach the server, nor a locale this machine lacks. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

function tail(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}
