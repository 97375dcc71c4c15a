import { startTestServer } from '../../db/testing-server.ts';

let server: AsyncDisposable | undefined;

export async function setup(): Promise<void> {
  server = await startTestServer();
}

export async function teardown(): Promise<void> {
  await server?.[Symbol.asyncDispose]();
}
