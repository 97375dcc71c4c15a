import { once } from 'node:events';
import { request, type IncomingHttpHeaders } from 'node:http';

import { testDatabase } from '@processflow/db/testing';
import { expect, test } from 'vitest';

import { startTestServer, type TestServerOptions } from './realtime/testing.ts';

async function serving(options: TestServerOptions = {}) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startTestServer(stack.use(await testDatabase()), options));
  return { server, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A request whose every header is ours to choose, `Host` among them. */
async function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: IncomingHttpHeaders; body?: string } = {},
): Promise<{ status: number | undefined; text: string }> {
  const asked = request(url, { method, headers: { connection: 'close', ...headers } });
  asked.end(body);
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, text };
}

test('what is not under /api is the app, and what is but has no name is not there', async () => {
  await using world = await serving();
  const { url } = world.server;
  expect(await ask(`${url}/teams/1/tasks`)).toEqual({ status: 200, text: 'the app' });
  expect(await ask(`${url}/healthz`)).toEqual({ status: 200, text: '{"status":"ok"}' });
  for (const path of ['/api', '/api/', '/api/nothing', '/api/realtime/', '/api/trpc', '/api/auth']) {
    expect((await ask(url + path)).status, path).toBe(404);
  }
  expect((await ask(`${url}/api/trpc/no.such`)).status).toBe(404);
});

test('a sign-in larger than any is refused before it is read, and one of unknown length too', async () => {
  await using world = await serving();
  const url = `${world.server.url}/api/auth/sign-in/email`;
  const json = { 'content-type': 'application/json' };
  const large = await ask(url, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ email: 'x'.repeat(70_000) }),
  });
  expect(large.status).toBe(413);
  const chunked = await ask(url, {
    method: 'POST',
    headers: { ...json, 'transfer-encoding': 'chunked' },
    body: '{}',
  });
  expect(chunked.status).toBe(411);
  const wrong = await ask(url, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ email: 'nobody@example.com', password: 'wrong password' }),
  });
  expect(wrong.status).toBe(401);
});

test('a name that others could have pointed here is refused, unless a public address is set', async () => {
  await using world = await serving();
  const { port } = new URL(world.server.url);
  const status = async (url: string, host: string) =>
    (await ask(`${url}/api/trpc/team.mine`, { headers: { host } })).status;
  for (const host of [
    `localhost:${port}`,
    `127.0.0.1:${port}`,
    `[::1]:${port}`,
    `192.168.0.7:${port}`,
    `app.localhost:${port}`,
  ]) {
    expect(await status(world.server.url, host), host).toBe(401);
  }
  for (const host of [`evil.example:${port}`, `localhost.evil.example:${port}`, 'evil.example']) {
    expect(await status(world.server.url, host), host).toBe(403);
  }
  await using proxied = await serving({ publicUrl: 'https://flow.example.com' });
  expect(await status(proxied.server.url, 'flow.internal')).toBe(401);
});
