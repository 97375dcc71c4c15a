import { createPool } from '../../db/client.ts';
import { withDatabase } from '../../db/testing-server.ts';
import { createTable, type Pool, type Style } from './writes-tables.ts';

/** A database with one style's table. */
export interface StyleDatabase {
  readonly connectionString: string;
  readonly pool: Pool;
}

export type StyleDatabases = Record<Style, StyleDatabase>;

/**
 * A database for each style, on one server. A commit that notifies wakes whoever listens in its database, on whatever
 * channel: in one database each style would pay for the other's listeners.
 */
export async function createDatabases(server: string): Promise<StyleDatabases & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const open = (connectionString: string): Pool =>
    opening.adopt(createPool(connectionString, { applicationName: 'bench' }), (pool) => pool.end());
  const admin = open(server);
  const create = async (style: Style): Promise<StyleDatabase> => {
    const name = `bench_${style}`;
    await admin.query(`CREATE DATABASE ${name}`);
    const connectionString = withDatabase(server, name);
    const pool = open(connectionString);
    await createTable(pool, style);
    return { connectionString, pool };
  };
  const databases = { none: await create('none'), usual: await create('usual'), ours: await create('ours') };
  const opened = opening.move();
  return { ...databases, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
