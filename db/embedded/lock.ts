import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

export interface FileLock extends Disposable {
  release(): void;
}

/**
 * Takes the exclusive lock `path`, or tells which process holds it.
 *
 * Node has no file locks of its own, but SQLite does: an open exclusive transaction is a lock that the
 * operating system lets go when its process dies, however it dies. A file with a process id in it can be
 * stale, and clearing a stale one is itself a race.
 */
export function takeLock(path: string): FileLock | { heldBy: string } {
  const holder = `${path}.pid`;
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    return { heldBy: readHolder(holder) };
  }
  writeFileSync(holder, String(process.pid));
  const release = (): void => {
    if (!database.isOpen) return;
    rmSync(holder, { force: true });
    database.close();
  };
  return { release, [Symbol.dispose]: release };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function readHolder(path: string): string {
  try {
    return `process ${readFileSync(path, 'utf8')}`;
  } catch {
    return 'another process';
  }
}
