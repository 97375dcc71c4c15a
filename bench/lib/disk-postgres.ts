import { mkdirSync, mkdtempSync, realpathSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { startEmbeddedPostgres } from '../../db/embedded.ts';

/** What Linux calls a file system in memory. */
const TMPFS = 0x01021994;

/**
 * An empty PostgreSQL 18 as an application runs it: with fsync, synchronous_commit, full-page writes and autovacuum,
 * its data on the disk of the checkout, since the folder for temporary files may be memory. It goes with its data.
 */
export async function startDiskPostgres(): Promise<AsyncDisposable & { readonly connectionString: string }> {
  const data = join(import.meta.dirname, '..', '..', '.data');
  mkdirSync(data, { recursive: true });
  const folder = mkdtempSync(join(data, 'bench-'));
  const dataDir = join(folder, 'postgres');
  const remove = async (): Promise<void> => {
    // The data may have had to lie elsewhere, with a link to it.
    await rm(realpathSync(dataDir), { recursive: true, force: true });
    await rm(folder, { recursive: true });
  };
  const server = await startEmbeddedPostgres({ dataDir });
  const dispose = async (): Promise<void> => {
    await server.stop();
    await remove();
  };
  if (statfsSync(realpathSync(dataDir)).type === TMPFS) {
    await dispose();
    throw new Error(`${dataDir} lies in memory, where a commit costs nothing: run it from a disk`);
  }
  return { connectionString: server.connectionString, [Symbol.asyncDispose]: dispose };
}
