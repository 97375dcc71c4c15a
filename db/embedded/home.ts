import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseError } from '../error.ts';
import { type Account, canEnter, SHARED_FOLDER } from './binaries.ts';

/** What stands in the data folder. */
export interface Home {
  /** PostgreSQL's own folder (PGDATA). */
  cluster: string;
  log: string;
  portFile: string;
  passwordFile: string;
  password: string;
  /** Who owns the cluster and so must run it; undefined: whoever we are. */
  account: Account | undefined;
}

/** Makes the data folder, or a link to one that the account can reach, and its password. */
export function openHome(dataDir: string, account: Account | undefined): Home {
  const owner = clusterAccount(join(dataDir, 'cluster'), account);
  const folder = reachableFolder(dataDir, owner);
  const passwordFile = join(folder, 'password');
  if (!existsSync(passwordFile)) {
    writeFileSync(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
    if (owner !== undefined) chownSync(passwordFile, owner.uid, owner.gid);
  }
  return {
    cluster: join(folder, 'cluster'),
    log: join(folder, 'postgres.log'),
    portFile: join(folder, 'port'),
    passwordFile,
    password: readFileSync(passwordFile, 'utf8').trim(),
    account: owner,
  };
}

function reachableFolder(dataDir: string, account: Account | undefined): string {
  const entry = lstatSync(dataDir, { throwIfNoEntry: false });
  if (entry?.isSymbolicLink() === true && !existsSync(dataDir)) rmSync(dataDir);
  if (!existsSync(dataDir)) mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const real = realpathSync(dataDir);
  if (canEnter(real, account)) return real;
  if (entry?.isSymbolicLink() === true || readdirSync(dataDir).length > 0) {
    throw new DatabaseError(
      'data-not-usable',
      `The data in ${dataDir} was made by another user and cannot be reached by the one who must run PostgreSQL now. ` +
        'Start as the user who made it, or move the folder away to begin anew.',
    );
  }
  rmdirSync(dataDir);
  mkdirSync(SHARED_FOLDER, { recursive: true, mode: 0o755 });
  const folder = mkdtempSync(join(SHARED_FOLDER, 'data-'));
  chmodSync(folder, 0o755);
  symlinkSync(folder, dataDir);
  return folder;
}

/** A cluster runs as its owner: root may have been handed the folder of an ordinary user. */
function clusterAccount(cluster: string, account: Account | undefined): Account | undefined {
  const made = statSync(cluster, { throwIfNoEntry: false });
  if (made === undefined) return account;
  if (account !== undefined) return { uid: made.uid, gid: made.gid };
  const self = process.getuid?.();
  if (self === undefined || made.uid === self) return undefined;
  throw new DatabaseError(
    'data-not-usable',
    `The data in ${cluster} belongs to another user (uid ${made.uid}; we are ${self}). ` +
      'Start as that user or as root, or move the folder away to begin anew.',
  );
}
