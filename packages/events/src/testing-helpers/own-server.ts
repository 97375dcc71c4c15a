import { startThrowawayPostgres, TEST_DATABASE_URL } from '../../../../db/testing-server.ts';

/**
 * For `beforeAll`: gives the file's databases a server of their own. What is open in any database of a server holds
 * back what its snapshots have seen, and what may be pruned; other tests leave transactions open.
 */
export async function useOwnServer(): Promise<() => Promise<void>> {
  const server = await startThrowawayPostgres();
  const shared = process.env[TEST_DATABASE_URL];
  process.env[TEST_DATABASE_URL] = server.connectionString;
  return async () => {
    process.env[TEST_DATABASE_URL] = shared;
    await server[Symbol.asyncDispose]();
  };
}
