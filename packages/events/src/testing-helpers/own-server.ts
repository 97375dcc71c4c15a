import pg from 'pg';

import { startThrowawayPostgres, TEST_DATABASE_URL } from '../../../../db/testing-server.ts';

/**
 * For `beforeAll`: gives the file's databases a server of their own. What is open in any database of a server holds
 * back what its snapshots have seen; other tests leave transactions open. A setting is in force from its start on.
 */
export async function useOwnServer(setting?: string): Promise<() => Promise<void>> {
  const server = await startThrowawayPostgres();
  if (setting !== undefined) {
    const client = new pg.Client({ connectionString: server.connectionString });
    await client.connect();
    await client.query(`ALTER SYSTEM SET ${setting}`);
    await client.end();
    await server.restart();
  }
  const shared = process.env[TEST_DATABASE_URL];
  process.env[TEST_DATABASE_URL] = server.connectionString;
  return async () => {
    process.env[TEST_DATABASE_URL] = shared;
    await server[Symbol.asyncDispose]();
  };
}
