import { startTestServer } from '../db/testing-server.ts';

/** One PostgreSQL for all browser tests; each makes its own database in it with `testDatabase()`. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const server = await startTestServer();
  return async () => server[Symbol.asyncDispose]();
}
