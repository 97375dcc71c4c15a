import { spawnSync } from 'node:child_process';
import { appendFile, chmod, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findAccount, findPrograms } from '../embedded/binaries.ts';
import { cleanEnvironment } from '../embedded/postmaster.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded.ts';

/** Servers whose data folders a test copies, breaks and brings back. */
export interface Servers extends AsyncDisposable {
  /** Starts the server of that name, on a cluster of its own if it is not a copy. */
  start(name: string): Promise<EmbeddedPostgres>;
  /** Stops it in order, or gives its folder free after it was killed. */
  stop(name: string): Promise<void>;
  /** What a volume snapshot does, of a server that is stopped: it is at rest. */
  copy(from: string, to: string): Promise<void>;
  /** Lets a stopped server run as a standby, promotes it, and stops it again. */
  promote(name: string): Promise<void>;
  /** Lines for a stopped server's configuration. */
  configure(name: string, ...lines: string[]): Promise<void>;
}

export async function createServers(): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), 'processflow-test-'));
  // When we are root, PostgreSQL's account must get in; the clusters themselves stay private.
  await chmod(folder, 0o755);
  const running = new Map<string, EmbeddedPostgres>();
  const folders = new Set([folder]);
  const dataDir = (name: string): string => join(folder, name);
  return {
    async start(name) {
      const server = await startEmbeddedPostgres({ dataDir: dataDir(name), throwaway: true });
      running.set(name, server);
      folders.add(await realpath(dataDir(name)));
      return server;
    },
    stop: (name) => running.get(name)!.stop(),
    async copy(from, to) {
      // Where the account cannot reach the temporary folder, the data lies elsewhere, with a link to it.
      const source = await realpath(dataDir(from));
      const target = source === dataDir(from) ? dataDir(to) : `${source}-${to}`;
      run('cp', ['-a', source, target]);
      folders.add(target);
      if (target !== dataDir(to)) await symlink(target, dataDir(to));
    },
    async promote(name) {
      const cluster = join(await realpath(dataDir(name)), 'cluster');
      const account = findAccount();
      await writeFile(join(cluster, 'standby.signal'), '', { mode: 0o644 });
      const settings = `-c listen_addresses= -c unix_socket_directories=${cluster} -c max_connections=200`;
      const control = (...args: string[]): void =>
        run(join(findPrograms(account), 'pg_ctl'), [...args, '-w', '-D', cluster], account);
      control('start', '-l', join(cluster, 'standby.log'), '-o', settings);
      control('promote');
      control('stop', '-m', 'fast');
    },
    async configure(name, ...lines) {
      const path = join(await realpath(dataDir(name)), 'cluster', 'postgresql.conf');
      await appendFile(path, `\n${lines.join('\n')}\n`);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...running.values()].map((server) => server.stop()));
      await Promise.all([...folders].map((path) => rm(path, { recursive: true, force: true })));
    },
  };
}

function run(program: string, args: readonly string[], account: { uid?: number; gid?: number } = {}): void {
  const { status, error } = spawnSync(program, args, {
    ...account,
    cwd: '/',
    env: cleanEnvironment(),
    stdio: 'ignore',
  });
  if (status !== 0) throw new Error(`${program} ${args[0]} failed`, { cause: error });
}
