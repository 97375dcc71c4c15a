import { testDatabase } from '@processflow/db/testing';
import { expect, test, vi } from 'vitest';

import { openPlain, openStream, startTestServer, touchEverything, addTeams } from '../realtime/testing.ts';
import { contextFor } from '../context.ts';
import { appRouter } from '../router.ts';
import { createCallerFactory } from '../trpc.ts';

/** Ada and Bo own team 1, Ada team 2 as well; the token is Ada's, of team 1. */
async function world() {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  await addTeams(database);
  const near = stack.use(await startTestServer(database));
  const far = stack.use(await startTestServer(database));
  const ada = await near.signIn('ada', { 1: 'owner', 2: 'owner' });
  const bo = await near.signIn('bo', { 1: 'owner' });
  const profile = { id: ada.id, name: ada.name, email: ada.email, emailVerified: true };
  const call = createCallerFactory(appRouter)(contextFor(near.services, profile));
  const { id, token } = await call.token.create({ teamId: 1, name: 'Reports', days: 30 });
  await near.settled();
  await far.settled();
  const get = (path: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
    fetch(`${near.url}${path}`, { headers });
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${near.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    database,
    near,
    far,
    ada,
    bo,
    call,
    id,
    token,
    get,
    post,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const MEMBERS = `/api/trpc/member.list?input=${encodeURIComponent('{"teamId":1}')}`;
const ROLES_OF_TWO = `/api/trpc/role.list?input=${encodeURIComponent('{"teamId":2}')}`;

/** What an answer says went wrong, in tRPC's form or in ours. */
async function messageOf(response: Response): Promise<string> {
  const answer = (await response.json()) as { message?: string; error?: { message: string } };
  return answer.error?.message ?? answer.message ?? '';
}

test('a token reads its team by `Authorization: Bearer`, and nothing of another', async () => {
  await using own = await world();
  const members = await own.get(MEMBERS);
  expect(members.status).toBe(200);
  expect(await members.json()).toMatchObject({ result: { data: [{ name: 'ada' }, { name: 'bo' }] } });
  expect((await own.get(MEMBERS, { authorization: `bearer   ${own.token} ` })).status).toBe(200);
  const teams = await own.get('/api/trpc/team.mine');
  expect(await teams.json()).toMatchObject({ result: { data: [{ id: 1 }] } });
  const other = await own.get(ROLES_OF_TWO);
  expect([other.status, await messageOf(other)]).toEqual([403, 'This API token does not open that team.']);
  const person = await own.get('/api/trpc/profile.me');
  expect([person.status, await messageOf(person)]).toEqual([
    403,
    expect.stringContaining('speaks of a person'),
  ]);
});

test('a token writes nothing', async () => {
  await using own = await world();
  const response = await own.post('/api/trpc/team.rename', { teamId: 1, name: 'Renamed' });
  expect([response.status, await messageOf(response)]).toEqual([
    403,
    'An API token only reads. Sign in to change something.',
  ]);
  const probe = await own.post('/api/trpc/realtime.probe', { teamId: 1, nonce: 'n', waitMs: 5000 });
  expect(await probe.json()).toMatchObject({ result: { data: { heardAfterMs: expect.any(Number) } } });
});

test('a token that is none is refused, whatever the cookie says; other schemes are none of ours', async () => {
  await using own = await world();
  const cookie = own.ada.cookie;
  for (const wrong of ['pf_wrong', `${own.token}x`, own.token.slice(0, -1), '', 'pf_ x']) {
    for (const path of [MEMBERS, '/api/realtime']) {
      const response = await own.get(path, { authorization: `Bearer ${wrong}`, cookie });
      expect([response.status, await messageOf(response)]).toEqual([
        401,
        'This API token is not known, or it was revoked. An owner of the team can make a new one on the Team page.',
      ]);
    }
  }
  const hash = await own.database.db.selectFrom('api_token').select('token_hash').executeTakeFirstOrThrow();
  expect((await own.get(MEMBERS, { authorization: `Bearer ${hash.token_hash}` })).status).toBe(401);
  expect((await own.get(MEMBERS, { authorization: 'Basic YTpi', cookie })).status).toBe(200);
  expect((await own.get(MEMBERS, { authorization: 'Basic YTpi' })).status).toBe(401);
});

test('a token does not open the door to pages of other sites', async () => {
  await using own = await world();
  for (const path of [MEMBERS, '/api/realtime']) {
    const headers = { authorization: `Bearer ${own.token}`, origin: 'https://evil.example' };
    expect((await own.get(path, headers)).status).toBe(403);
  }
});

test('the time of use is written at most once a minute, and is no news', async () => {
  await using own = await world();
  using stream = openStream(own.near, own.bo, { channels: ['api_token_changes', 'team_changes'] });
  await stream.next({ channel: 'position' });
  const usedAt = async () => (await own.call.token.list({ teamId: 1 }))[0]!.lastUsedAt;
  expect(await usedAt()).toBeNull();
  await Promise.all(Array.from({ length: 10 }, async () => own.get(MEMBERS)));
  const first = await usedAt();
  expect(first).toBeInstanceOf(Date);
  await own.get(MEMBERS);
  expect(await usedAt()).toEqual(first);
  await own.database.pool.query(`update api_token set last_used_at = last_used_at - interval '61 seconds'`);
  await own.get(MEMBERS);
  expect((await usedAt())!.getTime()).toBeGreaterThan(first!.getTime());
  await own.database.db.updateTable('team').set({ name: 'end' }).where('id', '=', 1).execute();
  await stream.next({ channel: 'team_changes', name: 'end' });
  expect(stream.channels).toEqual(['position', 'team_changes']);
});

test('its streams hear all of its team and nothing else', async () => {
  await using own = await world();
  using app = openStream(own.near, own);
  using plain = openPlain(own.far, own);
  using named = openStream(own.near, own, { teamId: 1, channels: ['team_changes'] });
  for (const stream of [app, plain, named]) await stream.next({ channel: 'position' });
  await touchEverything(own.database, 2);
  await own.database.db.insertInto('team').values({ name: 'Three' }).execute();
  await own.database.db.insertInto('profile_team').values({ team_id: 3, profile_id: own.ada.id }).execute();
  await touchEverything(own.database, 1);
  await own.database.db.updateTable('team').set({ name: 'end' }).where('id', '=', 1).execute();
  for (const stream of [app, plain, named]) await stream.next({ channel: 'team_changes', name: 'end' });
  const teams = app.frames.slice(1).map(({ data }) => data['team_id'] ?? data['id']);
  expect(new Set(teams)).toEqual(new Set([1]));
  expect(new Set(app.channels)).toEqual(
    new Set([
      'position',
      'team_changes',
      'role_changes',
      'profile_team_changes',
      'profile_role_team_changes',
      'invitation_changes',
      'process_model_changes',
      'process_instance_changes',
      'flow_element_instance_changes',
      'api_token_changes',
    ]),
  );
  expect(JSON.stringify(app.frames)).not.toContain('token_hash');
  expect(plain.frames.slice(1).every(({ data }) => (data['team_id'] ?? data['id']) === 1)).toBe(true);
  expect(named.channels).toEqual(['position', 'team_changes', 'team_changes']);
});

test('a token cannot ask for another team, a person or an address', async () => {
  await using own = await world();
  for (const teamId of [2, 999]) {
    using stream = openStream(own.near, own, { teamId });
    expect(await stream.whenEnded()).toMatchObject({
      code: 'FORBIDDEN',
      message: 'This API token does not open that team.',
    });
  }
  for (const query of ['teamId=2', `profileId=${own.ada.id}`, 'email=ada@example.com', 'teamId=1&email=a']) {
    expect((await own.get(`/api/realtime?${query}`)).status, query).toBe(403);
  }
  expect(own.near.hub.subscriberCount).toBe(0);
});

/** Each way a token ends, what its streams are told, and what answers it afterwards. */
const ways = {
  'the token is revoked': {
    end: ({ call, id }) => call.token.revoke({ teamId: 1, id }),
    told: /was revoked/,
    status: 401,
  },
  'its maker is no longer an owner': {
    end: ({ call, ada }) => call.member.setOwner({ teamId: 1, profileId: ada.id, isOwner: false }),
    told: /no longer an owner/,
    status: 403,
  },
  'its maker has left the team': {
    end: ({ call }) => call.team.leave({ teamId: 1 }),
    told: /was revoked|no longer an owner/,
    status: 401,
  },
  'its maker’s account is gone': {
    end: ({ database, ada }) => database.db.deleteFrom('profile').where('id', '=', ada.id).execute(),
    told: /was revoked|no longer an owner|no longer there/,
    status: 401,
  },
  'the team is gone': {
    end: ({ database }) => database.db.deleteFrom('team').where('id', '=', 1).execute(),
    told: /was revoked|no longer an owner/,
    status: 401,
  },
  'another token stands in its place': {
    end: ({ database }) => database.pool.query(`update api_token set token_hash = 'of another'`),
    told: /was revoked/,
    status: 401,
  },
  'it has come to its end': {
    end: ({ database }) =>
      database.pool.query(`update api_token set expires_at = now() - interval '1 second'`),
    told: /has expired/,
    status: 401,
  },
} satisfies Record<string, Way>;

interface Way {
  readonly end: (own: Awaited<ReturnType<typeof world>>) => Promise<unknown>;
  readonly told: RegExp;
  readonly status: number;
}

test.each(Object.entries<Way>(ways))(
  'when %s, its streams end with that event on every server, and it reads nothing more',
  async (_, { end, told, status }) => {
    await using own = await world();
    using stack = new DisposableStack();
    const streams = [own.near, own.far].flatMap((server) => [
      stack.use(openStream(server, own)),
      stack.use(openPlain(server, own)),
    ]);
    for (const stream of streams) await stream.next({ channel: 'position' });
    expect((await own.get(MEMBERS)).status).toBe(200);

    await end(own);
    await own.database.db.updateTable('role').set({ colour: 'secret' }).execute();
    for (const stream of streams) {
      expect((await stream.whenEnded()).message).toMatch(told);
      expect(stream.channels).not.toContain('role_changes');
    }
    for (const server of [own.near, own.far]) {
      await vi.waitFor(() => expect(server.hub.subscriberCount).toBe(0));
    }
    for (const path of [MEMBERS, '/api/realtime']) expect((await own.get(path)).status).toBe(status);
    using again = openStream(own.far, own);
    expect(await again.whenEnded()).toMatchObject({ code: status === 403 ? 'FORBIDDEN' : 'UNAUTHORIZED' });
    expect(again.frames).toEqual([]);
    // Each server hears the other's settling, and drops it.
    expect(own.near.reports.map(String).filter((report) => !report.includes('"operation" is none'))).toEqual(
      [],
    );
  },
);

test('other tokens of the team, and people, hear on when one is revoked', async () => {
  await using own = await world();
  const other = await own.call.token.create({ teamId: 1, name: 'Other', days: null });
  using revoked = openStream(own.near, own);
  using kept = openStream(own.far, other);
  using person = openStream(own.near, own.bo);
  for (const stream of [revoked, kept, person]) await stream.next({ channel: 'position' });
  await own.call.token.revoke({ teamId: 1, id: own.id });
  await revoked.whenEnded();
  for (const stream of [kept, person]) {
    expect(
      await stream.next({ channel: 'api_token_changes', operation: 'DELETE', id: own.id }),
    ).toMatchObject({ name: 'Reports', hint: own.token.slice(-4) });
  }
  await own.database.db.updateTable('team').set({ name: 'end' }).where('id', '=', 1).execute();
  for (const stream of [kept, person]) await stream.next({ channel: 'team_changes', name: 'end' });
});

test('a member who is no owner hears nothing of tokens', async () => {
  await using own = await world();
  const cleo = await own.near.signIn('cleo', { 1: [1, 2, 3, 4] });
  using stream = openStream(own.near, cleo);
  await stream.next({ channel: 'position' });
  await own.call.token.create({ teamId: 1, name: 'Another', days: null });
  await own.database.db.updateTable('team').set({ name: 'end' }).where('id', '=', 1).execute();
  await stream.next({ channel: 'team_changes', name: 'end' });
  expect(stream.channels).toEqual(['position', 'team_changes']);
});

test('an end that comes while a stream is open ends it', async () => {
  await using own = await world();
  await own.database.pool.query(`update api_token set expires_at = now() + interval '1500 milliseconds'`);
  await own.near.settled();
  using stream = openStream(own.near, own);
  await stream.next({ channel: 'position' });
  expect(await stream.whenEnded()).toMatchObject({
    code: 'UNAUTHORIZED',
    message: expect.stringContaining('has expired'),
  });
});
