import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { startEmbeddedPostgres } from '../../db/embedded.ts';

/** What Linux calls a file system in memory. */
const TMPFS = 0x01021994;
const PREFIX = 'bench-';

/**
 * An empty PostgreSQL 18 as an application runs it: with fsync, synchronous_commit, full-page writes and autovacuum,
 * its data on the disk of the checkout, since the folder for temporary files may be memory. It goes with its data.
 */
export async function startDiskPostgres(): Promise<AsyncDisposable & { readonly connectionString: string }> {
  const data = join(import.meta.dirname, '..', '..', '.data');
  mkdirSync(data, { recursive: true });
  await removeLeftovers(data);
  const folder = mkdtempSync(join(data, `${PREFIX}${process.pid}-`));
  const dataDir = join(folder, 'postgres');
  const server = await startEmbeddedPostgres({ dataDir }).catch(async (error: unknown) => {
    await remove(folder);
    throw error;
  });
  const dispose = async (): Promise<void> => {
    await server.stop();
    await remove(folder);
  };
  if (statfsSync(realpathSync(dataDir)).type === TMPFS) {
    await dispose();
    throw new Error(`${dataDir} lies in memory, where a commit costs nothing: run it from a disk`);
  }
  return { connectionString: server.connectionString, [Symbol.asyncDispose]: dispose };
}

async function remove(folder: string): Promise<void> {
  const dataDir = join(folder, 'postgres');
  // The data may have had to lie elsewhere, with a link to it.
  if (existsSync(dataDir)) await rm(realpathSync(dataDir), { recursive: true });
  await rm(folder, { recursive: true });
}

/** Of benchmarks that were interrupted: their server ended with them, their data did not. */
async function removeLeftovers(data: string): Promise<void> {
  for (const name of readdirSync(data)) {
    const owner = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (!Number.isNaN(owner) && !isRunning(owner)) await remove(join(data, name));
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
