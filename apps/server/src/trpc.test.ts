import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { testDatabase } from '@processflow/db/testing';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { expect, test } from 'vitest';

import { createContext, type Services } from './context.ts';
import { appRouter } from './router.ts';
import { testServices } from './testing.ts';

/** The API alone on a port of its own. */
async function serve(services: Services) {
  const reported: unknown[] = [];
  const handler = createHTTPHandler({
    router: appRouter,
    createContext: createContext(services),
    onError: ({ error }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') reported.push(error.cause);
    },
  });
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signUp = await services.auth.api.signUpEmail({
    body: { name: 'Ada', email: 'ada@example.com', password: 'correct horse' },
    returnHeaders: true,
  });
  const cookie = signUp.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  return {
    reported,
    async call(path: string, input?: unknown, as: string | null = cookie) {
      const response = await fetch(`${address}/${path}`, {
        ...(input === undefined ? {} : { method: 'POST', body: JSON.stringify(input) }),
        headers: { 'content-type': 'application/json', ...(as === null ? {} : { cookie: as }) },
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('who is signed in follows from the cookie', async () => {
  await using database = await testDatabase();
  await using api = await serve(testServices(database.db));
  const { status, text } = await api.call('profile.me');
  expect([status, JSON.parse(text)]).toMatchObject([200, { result: { data: { email: 'ada@example.com' } } }]);
  expect((await api.call('profile.me', undefined, null)).status).toBe(401);
});

test('an extended session reaches the browser through any procedure', async () => {
  await using database = await testDatabase();
  await using api = await serve(testServices(database.db));
  expect((await api.call('profile.me')).headers.getSetCookie()).toEqual([]);
  await database.pool.query(`update session set expires_at = expires_at - interval '25 hours'`);
  const cookies = (await api.call('profile.me')).headers.getSetCookie();
  expect(cookies).toEqual([expect.stringMatching(/^processflow\.session_token=.*HttpOnly/u)]);
});

test('a refusal arrives with its code, its details and its sentence', async () => {
  await using database = await testDatabase();
  await using api = await serve(testServices(database.db));
  const { status, text } = await api.call('team.rename', { teamId: 1, name: 'Mine' });
  expect(status).toBe(403);
  expect(JSON.parse(text)).toMatchObject({
    error: {
      message: expect.stringContaining('You are not a member'),
      data: { code: 'FORBIDDEN', refusal: { code: 'not-a-member' } },
    },
  });
  expect(text).not.toContain('stack');
  expect(api.reported).toEqual([]);
});

test('what is wrong with an input is said readably', async () => {
  await using database = await testDatabase();
  await using api = await serve(testServices(database.db));
  const blank = await api.call('team.create', { name: ' ' });
  expect([blank.status, JSON.parse(blank.text)]).toMatchObject([
    400,
    { error: { message: 'Give the team a name.', data: { code: 'BAD_REQUEST' } } },
  ]);
  const missing = await api.call('team.rename', { name: 'Mine' });
  expect(JSON.parse(missing.text)).toMatchObject({
    error: { message: expect.stringMatching(/^teamId: .*\.$/u) },
  });
});

test('an unexpected error is reported here and says nothing there', async () => {
  await using database = await testDatabase();
  await using api = await serve(testServices(database.db));
  await database.pool.query('alter table invitation rename to hidden_from_you');
  const { status, text } = await api.call('invitation.look', { secret: 'a secret' });
  expect(status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({
    error: { message: expect.stringContaining('went wrong on our side') },
  });
  expect(text).not.toMatch(/invitation"|relation|select|stack|\.ts/u);
  expect(api.reported).toEqual([
    expect.objectContaining({ message: 'relation "invitation" does not exist' }),
  ]);
});
