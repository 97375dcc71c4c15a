import { testDatabase } from '@processflow/db/testing';
import { expect, test, vi } from 'vitest';

import { addTeams, openStream, startTestServer, touchEverything, until } from './testing.ts';

/** Two servers over one database: what one is told, the other must act on. */
async function twoServers() {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  await addTeams(database);
  const near = stack.use(await startTestServer(database));
  const far = stack.use(await startTestServer(database));
  return { database, near, far, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('leaving a team ends delivery with that event, on every server', async () => {
  await using world = await twoServers();
  const { database, near, far } = world;
  const bo = await near.signIn('bo', { 1: [1, 2], 2: 'owner' });
  for (const server of [near, far]) {
    await server.settled();
    using app = openStream(server, bo);
    using named = openStream(server, bo, { teamId: 1 });
    await app.next({ channel: 'position' });
    await named.next({ channel: 'position' });
    await database.db.deleteFrom('profile_team').where('team_id', '=', 1).execute();
    await database.db.updateTable('role').set({ colour: 'secret' }).where('team_id', '=', 1).execute();
    await database.db.updateTable('team').set({ name: 'sentinel' }).where('id', '=', 2).execute();
    await app.next({ channel: 'team_changes', name: 'sentinel' });
    const ended = await named.whenEnded();
    expect(ended).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('member of this team'),
    });
    expect(named.channels).toEqual(['position']);
    expect(app.channels).not.toContain('role_changes');

    await database.db.insertInto('profile_team').values({ team_id: 1, profile_id: bo.id }).execute();
    await database.db
      .insertInto('profile_role_team')
      .values({ team_id: 1, profile_id: bo.id, role_id: 1 })
      .execute();
    await database.db.updateTable('team').set({ name: 'Two' }).where('id', '=', 2).execute();
    await app.next({ channel: 'resync', reason: 'access-widened' });
  }
});

test('losing a role ends what only it opened; gaining one opens it', async () => {
  await using world = await twoServers();
  const { database, near } = world;
  const bo = await near.signIn('bo', { 1: [1] });
  using stream = openStream(near, bo);
  await stream.next({ channel: 'position' });
  await database.db.deleteFrom('profile_role_team').execute();
  await touchEverything(database, 1);
  await database.db.updateTable('team').set({ name: 'sentinel' }).where('id', '=', 1).execute();
  await stream.next({ channel: 'team_changes', name: 'sentinel' });
  expect(stream.channels).toContain('profile_role_team_changes');
  expect(stream.channels).not.toContain('flow_element_instance_changes');

  await database.db
    .insertInto('profile_role_team')
    .values({ team_id: 1, profile_id: bo.id, role_id: 1 })
    .execute();
  await stream.next({ channel: 'resync', reason: 'access-widened' });
  await database.db.updateTable('flow_element_instance').set({ status: 'Completed' }).execute();
  await stream.next({ channel: 'flow_element_instance_changes', status: 'Completed' });
});

test('a page taken from a role, and given back, is heard at once', async () => {
  await using world = await twoServers();
  const { database, near } = world;
  const bo = await near.signIn('bo', { 1: [1] });
  using stream = openStream(near, bo);
  await stream.next({ channel: 'position' });
  await touchEverything(database, 1);
  await stream.next({ channel: 'flow_element_instance_changes', operation: 'INSERT' });
  await database.db.updateTable('role').set({ pages: [] }).where('id', '=', 1).execute();
  await database.db.updateTable('flow_element_instance').set({ status: 'Waiting' }).execute();
  await database.db
    .updateTable('role')
    .set({ pages: ['tasks'] })
    .where('id', '=', 1)
    .execute();
  // What comes in one batch with the withdrawal may be missing: the resync stands for it.
  await stream.next({ channel: 'resync', reason: 'access-widened' });
  await database.db.updateTable('flow_element_instance').set({ status: 'Completed' }).execute();
  await stream.next({ channel: 'flow_element_instance_changes', status: 'Completed' });
  const statuses = stream.frames
    .filter(({ data }) => data['channel'] === 'flow_element_instance_changes')
    .map(({ data }) => data['status']);
  expect(statuses).toEqual(['Active', 'Completed']);
});

test('an owner who becomes a member hears what members hear', async () => {
  await using world = await twoServers();
  const { database, near } = world;
  const bo = await near.signIn('bo', { 1: 'owner' });
  using stream = openStream(near, bo);
  await stream.next({ channel: 'position' });
  await database.db.updateTable('profile_team').set({ is_owner: false }).execute();
  await touchEverything(database, 1);
  await database.db.updateTable('profile_team').set({ is_owner: true }).execute();
  await stream.next({ channel: 'resync', reason: 'access-widened' });
  await database.db.updateTable('invitation').set({ status: 'Revoked' }).execute();
  await stream.next({ channel: 'invitation_changes', status: 'Revoked' });
  expect(new Set(stream.channels)).toEqual(
    new Set([
      'position',
      'profile_team_changes',
      'profile_role_team_changes',
      'team_changes',
      'role_changes',
      'invitation_changes',
      'resync',
    ]),
  );
  expect(stream.channels.filter((channel) => channel === 'invitation_changes')).toHaveLength(1);
});

test('a session that ends takes its streams with it, on every server, and no other session’s', async () => {
  await using world = await twoServers();
  const { database, near, far } = world;
  const ada = await near.signIn('ada', { 1: 'owner' });
  const elsewhere = await near.signIn('ada');
  using here = openStream(near, ada);
  using there = openStream(far, ada);
  using other = openStream(far, elsewhere);
  for (const stream of [here, there, other]) await stream.next({ channel: 'position' });
  const signedOut = await fetch(`${near.url}/api/auth/sign-out`, {
    method: 'POST',
    headers: { cookie: ada.cookie, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(signedOut.status).toBe(200);
  for (const stream of [here, there]) {
    expect(await stream.whenEnded()).toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining('signed out'),
    });
  }
  await touchEverything(database, 1);
  await other.next({ channel: 'team_changes' });
  expect(here.channels).toEqual(['position']);
  await vi.waitFor(() => expect(near.hub.subscriberCount + far.hub.subscriberCount).toBe(1), until);
});

test('a session that expires ends its streams, unless it was extended', async () => {
  await using world = await twoServers();
  const { database, near } = world;
  const ada = await near.signIn('ada');
  const soon = (milliseconds: number) =>
    database.db
      .updateTable('session')
      .set({ expires_at: new Date(Date.now() + milliseconds) })
      .execute();
  await soon(700);
  using stream = openStream(near, ada);
  await stream.next({ channel: 'position' });
  await soon(2_000);
  const began = Date.now();
  expect(await stream.whenEnded()).toMatchObject({
    code: 'UNAUTHORIZED',
    message: expect.stringContaining('expired'),
  });
  expect(Date.now() - began).toBeGreaterThan(1_500);
});

test('a profile that is deleted ends its streams; an address that changes ends its topic', async () => {
  await using world = await twoServers();
  const { database, near } = world;
  const guest = await near.signIn('guest');
  using stream = openStream(near, guest);
  await stream.next({ channel: 'position' });
  await database.db.updateTable('profile').set({ email: 'other@example.com' }).execute();
  await touchEverything(database, 1);
  await database.pool.query(
    `INSERT INTO invitation (team_id, email, secret_hash, expires_at) VALUES (1, 'other@example.com', 'other', '2030-01-01')`,
  );
  await stream.next({ channel: 'invitation_changes', email: 'other@example.com' });
  expect(stream.channels).toEqual(['position', 'resync', 'invitation_changes']);
  await database.db.deleteFrom('profile').execute();
  expect(await stream.whenEnded()).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('deleting a team tells its members, ends the streams that named it, and goes no further', async () => {
  await using world = await twoServers();
  const { database, near } = world;
  const ada = await near.signIn('ada', { 1: 'owner', 2: 'owner' });
  using app = openStream(near, ada);
  using named = openStream(near, ada, { teamId: 1 });
  await app.next({ channel: 'position' });
  await named.next({ channel: 'position' });
  await touchEverything(database, 1);
  await database.db.deleteFrom('team').where('id', '=', 1).execute();
  expect(await named.whenEnded()).toMatchObject({ code: 'FORBIDDEN' });
  await app.next({ channel: 'profile_team_changes', operation: 'DELETE', team_id: 1 });
  await database.db.updateTable('team').set({ name: 'still here' }).where('id', '=', 2).execute();
  await app.next({ channel: 'team_changes', id: 2 });
  expect(app.ended).toBeUndefined();
});
