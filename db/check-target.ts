import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedConnectionString, startEmbeddedPostgres } from './embedded.ts';
import { DatabaseError } from './error.ts';

export interface CheckTarget extends AsyncDisposable {
  readonly connectionString: string;
  /** What it is, for people; without a password. */
  readonly name: string;
}

/**
 * The database that the app would use with these settings: a given one, else the embedded one, which is joined where
 * the app is running and started for as long as this is open where it is not. Throws a `DatabaseError`: `unreachable`
 * when there is no embedded one yet.
 *
 * @example
 * await using target = await openCheckTarget({ databaseUrl: undefined, dataDir: '.data' });
 */
export async function openCheckTarget(settings: {
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
}): Promise<CheckTarget> {
  const { databaseUrl, dataDir } = settings;
  if (databaseUrl !== undefined) {
    const { host, pathname } = new URL(databaseUrl);
    return target(databaseUrl, `DATABASE_URL (${host}${pathname})`);
  }
  const folder = join(dataDir, 'postgres');
  if (!existsSync(folder)) {
    throw new DatabaseError(
      'unreachable',
      `There is no database in ${folder} yet: the first "npm start" makes it. Or say which one: DATABASE_URL=postgres://... or DATA_DIR=...`,
    );
  }
  const name = `the embedded database in ${folder}`;
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: folder });
    return { connectionString: postgres.connectionString, name, [Symbol.asyncDispose]: postgres.stop };
  } catch (error) {
    const running = embeddedConnectionString(folder);
    if (!(error instanceof DatabaseError && error.code === 'already-running') || running === undefined)
      throw error;
    return target(running, `${name}, which is running`);
  }
}

function target(connectionString: string, name: string): CheckTarget {
  return { connectionString, name, [Symbol.asyncDispose]: () => Promise.resolve() };
}
