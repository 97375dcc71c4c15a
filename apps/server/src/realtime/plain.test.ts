import { connect } from 'node:net';

import { testDatabase } from '@processflow/db/testing';
import { tcpProxy } from '@processflow/events/testing';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { addTeams, openPlain, startTestServer, touchEverything, until } from './testing.ts';

async function plainServer(options: Parameters<typeof startTestServer>[1] = {}) {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  await addTeams(database);
  const server = stack.use(await startTestServer(database, options));
  const ada = await server.signIn('ada', { 1: 'owner' });
  const get = (query: string, headers: Record<string, string> = { cookie: ada.cookie }) =>
    fetch(`${server.url}/api/realtime${query}`, { headers });
  return { database, server, ada, get, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('the same stream, named by its channels and numbered', async () => {
  await using world = await plainServer();
  using stream = openPlain(world.server, world.ada);
  await stream.next({ channel: 'position' });
  await world.database.db.updateTable('team').set({ name: 'Renamed' }).where('id', '=', 1).execute();
  expect(await stream.next({ channel: 'team_changes' })).toMatchObject({
    operation: 'UPDATE',
    id: 1,
    name: 'Renamed',
  });
  expect(stream.frames.every(({ id }) => id !== '')).toBe(true);
});

test('the head says that nothing in between may hold the stream back', async () => {
  await using world = await plainServer();
  const response = await world.get('');
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toContain('no-transform');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  await response.body!.cancel();
  await vi.waitFor(() => expect(world.server.hub.subscriberCount).toBe(0), until);
});

test('a position in Last-Event-ID that the log does not know begins with a resync', async () => {
  await using world = await plainServer();
  const response = await world.get('', { cookie: world.ada.cookie, 'last-event-id': 'abc' });
  const { value } = await response.body!.pipeThrough(new TextDecoderStream()).getReader().read();
  expect(value).toMatch(
    /^event: resync\nid: \S+\ndata: \{"channel":"resync","reason":"unknown-position",.*\}\n\n$/,
  );
});

test('teamId, email and profileId each add their topics', async () => {
  await using world = await plainServer();
  const { database, server, ada } = world;
  await database.db.insertInto('profile_team').values({ team_id: 2, profile_id: ada.id }).execute();
  using one = openPlain(server, ada, '?teamId=1&channels=team_changes&channels=role_changes');
  using own = openPlain(server, ada, `?profileId=${ada.id.toUpperCase()}&email=ADA@example.com`);
  await one.next({ channel: 'position' });
  await own.next({ channel: 'position' });
  await touchEverything(database, 1);
  await touchEverything(database, 2);
  await database.pool.query(
    `INSERT INTO invitation (team_id, email, secret_hash, expires_at) VALUES (2, 'ada@example.com', 'ada', '2030-01-01')`,
  );
  await database.db.updateTable('team').set({ name: 'sentinel' }).where('id', '=', 1).execute();
  await database.db.updateTable('profile_team').set({ is_owner: true }).where('team_id', '=', 2).execute();
  await one.next({ channel: 'team_changes', name: 'sentinel' });
  await own.next({ channel: 'profile_team_changes' });
  expect(new Set(one.frames.slice(1).map(({ data }) => data['team_id'] ?? data['id']))).toEqual(new Set([1]));
  expect(own.channels.slice(0, 3)).toEqual(['position', 'invitation_changes', 'profile_team_changes']);
});

test('a row’s text cannot forge a frame', async () => {
  await using world = await plainServer();
  using stream = openPlain(world.server, world.ada);
  await stream.next({ channel: 'position' });
  const name = 'x\n\nevent: forged\r\ndata: {"channel":"forged"}\r\r\u2028id: 1\0';
  await world.database.db
    .updateTable('team')
    .set({ name: name.replace('\0', '') })
    .where('id', '=', 1)
    .execute();
  expect(await stream.next({ channel: 'team_changes' })).toMatchObject({ name: name.replace('\0', '') });
  expect(stream.channels).toEqual(['position', 'team_changes']);
});

test('only GET is served', async () => {
  await using world = await plainServer();
  for (const method of ['POST', 'HEAD', 'DELETE']) {
    const response = await fetch(`${world.server.url}/api/realtime`, {
      method,
      headers: { cookie: world.ada.cookie },
    });
    expect(response.status, method).toBe(405);
  }
});

test('being revoked is said before the stream ends', async () => {
  await using world = await plainServer();
  using stream = openPlain(world.server, world.ada, '?teamId=1');
  await stream.next({ channel: 'position' });
  await world.database.db.deleteFrom('profile_team').execute();
  expect(await stream.whenEnded()).toMatchObject({ code: 'FORBIDDEN' });
  expect(stream.channels).toEqual(['position']);
});

describe('what is refused changes nothing, so that one server serves these', () => {
  let world: Awaited<ReturnType<typeof plainServer>>;
  beforeAll(async () => {
    world = await plainServer();
    return () => world[Symbol.asyncDispose]();
  });

  test.each([
    ['', 401, {}, /sign-in\/email/],
    ['?teamId=2', 403, undefined, /member of this team/],
    ['?teamId=999', 403, undefined, /member of this team/],
    ['?email=bo@example.com', 403, undefined, /own verified address/],
    ['?profileId=11111111-1111-4111-8111-111111111111', 403, undefined, /own profile/],
    [
      '?channels=role_chnages',
      400,
      undefined,
      /Channel "role_chnages" is not defined. Defined: .*role_changes/,
    ],
    ['?channels=session_changes', 400, undefined, /Channel "session_changes" is not defined/],
    ['?channels=', 400, undefined, /Channel "" is not defined/],
    ['?teamId=one', 400, undefined, /teamId/],
    ['?profileId=me', 400, undefined, /profileId|UUID/],
  ])('%s is answered %i', async (query, status, headers, message) => {
    const response = await world.get(query, headers);
    expect(response.status).toBe(status);
    expect(((await response.json()) as { message: string }).message).toMatch(message);
    expect(world.server.hub.subscriberCount).toBe(0);
  });

  test.each(['/api/realtime', '/api/trpc/profile.me', '/api/auth/get-session'])(
    '%s refuses pages of other sites',
    async (path) => {
      const { server, ada } = world;
      const answer = async (headers: Record<string, string>) => {
        const response = await fetch(`${server.url}${path}`, { headers: { cookie: ada.cookie, ...headers } });
        await response.body?.cancel();
        return response.status;
      };
      expect(await answer({ origin: 'https://evil.example' })).toBe(403);
      expect(await answer({ origin: 'null' })).toBe(403);
      expect(await answer({ origin: server.url.replace('http:', 'https:') })).toBe(403);
      expect(await answer({ 'sec-fetch-site': 'cross-site' })).toBe(403);
      expect(await answer({ origin: server.url })).toBe(200);
    },
  );
});

test('behind a proxy the public address is the own one', async () => {
  await using world = await plainServer({ publicUrl: 'https://flow.example.com' });
  const status = async (origin: string) =>
    (
      await fetch(`${world.server.url}/api/trpc/profile.me`, {
        headers: { cookie: world.ada.cookie, origin },
      })
    ).status;
  expect(await status('https://flow.example.com')).toBe(200);
  expect(await status(world.server.url)).toBe(403);
});

test.each(['/api/realtime', '/api/trpc/realtime.changes'])(
  'a connection that nobody reads is cut, and nothing accumulates for it: %s',
  async (path) => {
    await using world = await plainServer({ stalled: { limit: 300, check: 50 } });
    const { port } = new URL(world.server.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${world.ada.cookie}\r\n\r\n`);
    socket.pause();
    await vi.waitFor(() => expect(world.server.hub.subscriberCount).toBe(1), until);
    const writing = new AbortController();
    const writes = (async () => {
      while (!writing.signal.aborted) {
        await world.database.pool.query(
          `INSERT INTO invitation (team_id, email, secret_hash, expires_at)
           SELECT 1, gen_random_uuid() || repeat('x', 280), gen_random_uuid(), now() FROM generate_series(1, 2000)`,
        );
      }
    })();
    await vi.waitFor(() => expect(world.server.hub.subscriberCount).toBe(0), {
      timeout: 14_000,
      interval: 50,
    });
    writing.abort();
    await writes;
    socket.destroy();
  },
);

test('a stream whose way is cut leaves nothing behind', async () => {
  await using world = await plainServer();
  const { port } = new URL(world.server.url);
  await using proxy = await tcpProxy(Number(port));
  using stream = openPlain({ url: `http://127.0.0.1:${proxy.port}` }, world.ada);
  await stream.next({ channel: 'position' });
  await proxy[Symbol.asyncDispose]();
  await vi.waitFor(() => expect(world.server.hub.subscriberCount).toBe(0), until);
});
