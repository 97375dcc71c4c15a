import { channels } from '@processflow/db';
import { testDatabase } from '@processflow/db/testing';
import { contractOf } from '@processflow/events';
import { expect, test, vi } from 'vitest';

import { addTeams, openStream, startTestServer, touchEverything, until } from './testing.ts';

/** Who hears which of team 1's channels. */
const MEMBERS = ['team_changes', 'role_changes', 'profile_team_changes', 'profile_role_team_changes'];
const HEARS = {
  member: MEMBERS,
  tasks: [...MEMBERS, 'process_instance_changes', 'flow_element_instance_changes'],
  instances: [
    ...MEMBERS,
    'process_model_changes',
    'process_instance_changes',
    'flow_element_instance_changes',
  ],
  models: [...MEMBERS, 'process_model_changes'],
  invitations: [...MEMBERS, 'invitation_changes'],
  // A probe is heard by whoever sent it.
  owner: Object.keys(contractOf(channels)).filter((channel) => channel !== 'probe_changes'),
  stranger: [],
  guest: ['invitation_changes'],
};

test('each viewer hears what their membership, pages and address entitle them to, and nothing else', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const memberships = {
    member: [],
    tasks: [1],
    instances: [2],
    models: [3],
    invitations: [4],
    owner: 'owner' as const,
  };
  const streams = new Map<string, ReturnType<typeof openStream>>();
  using stack = new DisposableStack();
  for (const name of Object.keys(HEARS)) {
    const membership = (memberships as Record<string, number[] | 'owner'>)[name];
    const viewer = await server.signIn(name, {
      ...(membership && { 1: membership }),
      ...(name === 'stranger' && { 2: 'owner' }),
    });
    streams.set(name, stack.use(openStream(server, viewer)));
  }
  for (const stream of streams.values()) await stream.next({ channel: 'position' });
  await touchEverything(database, 1);
  // Each person's own profile topic carries the sentinel.
  const sentinels = await database.db
    .insertInto('team')
    .values({ name: 'Sentinel' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await database.pool.query('INSERT INTO profile_team (team_id, profile_id) SELECT $1, id FROM profile', [
    sentinels.id,
  ]);

  for (const [name, stream] of streams) {
    await stream.next({ channel: 'profile_team_changes', team_id: sentinels.id });
    const ofTeam = stream.frames.filter(
      ({ data }) => (data['channel'] === 'team_changes' ? data['id'] : data['team_id']) === 1,
    );
    const heard = new Set(ofTeam.map(({ data }) => data['channel']));
    expect(heard, name).toEqual(new Set(HEARS[name as keyof typeof HEARS]));
  }
  expect(server.reports).toEqual([]);
});

test('an address that is not verified hears nothing', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const guest = await server.signIn('guest');
  await database.db.updateTable('profile').set({ email_verified: false }).execute();
  using stream = openStream(server, guest);
  await stream.next({ channel: 'position' });
  await touchEverything(database, 1);
  await database.db.updateTable('profile').set({ email_verified: true }).execute();
  // What came in one batch with it would not be heard: the resync stands for it.
  await stream.next({ channel: 'resync', reason: 'access-widened' });
  await database.db.updateTable('invitation').set({ status: 'Revoked' }).execute();
  await stream.next({ channel: 'invitation_changes', status: 'Revoked' });
  expect(stream.channels).toEqual(['position', 'resync', 'invitation_changes']);
});

test('a stream that is opened with a position that the log does not know begins with a resync', async () => {
  await using database = await testDatabase();
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada');
  using stream = openStream(server, ada, { lastEventId: 'anything' });
  await stream.next({ channel: 'resync', reason: 'unknown-position' });
  expect(stream.frames[0]!.id).not.toBe('');
});

test('teamId and channels narrow a stream', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada', { 1: 'owner', 2: 'owner' });
  using narrowed = openStream(server, ada, { teamId: 2, channels: ['role_changes', 'team_changes'] });
  await narrowed.next({ channel: 'position' });
  await touchEverything(database, 1);
  await touchEverything(database, 2);
  await database.db.updateTable('team').set({ name: 'end' }).where('id', '=', 2).execute();
  await narrowed.next({ channel: 'team_changes', name: 'end' });
  expect(narrowed.channels).toEqual([
    'position',
    'team_changes',
    ...Array(4).fill('role_changes'),
    'team_changes',
  ]);
  expect(narrowed.frames.slice(1).every(({ data }) => (data['team_id'] ?? data['id']) === 2)).toBe(true);
});

test('someone else’s team is FORBIDDEN, an unknown channel BAD_REQUEST naming the known ones, no session UNAUTHORIZED', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada', { 1: 'owner' });
  for (const teamId of [2, 999]) {
    using stream = openStream(server, ada, { teamId });
    expect(await stream.whenEnded()).toMatchObject({ code: 'FORBIDDEN' });
    expect(stream.frames).toEqual([]);
  }
  for (const channel of ['session_changes', 'role_chnages']) {
    using stream = openStream(server, ada, { channels: [channel as 'role_changes'] });
    const { code, message } = await stream.whenEnded();
    expect(code).toBe('BAD_REQUEST');
    expect(message).toContain(`Channel "${channel}" is not defined`);
    expect(message).toContain('role_changes, profile_role_team_changes');
  }
  using nobody = openStream(server, { cookie: '' });
  expect(await nobody.whenEnded()).toMatchObject({ code: 'UNAUTHORIZED' });
  await vi.waitFor(() => expect(server.hub.subscriberCount).toBe(0), until);
});

test('closed clients leave nothing behind, however many there were', async () => {
  await using database = await testDatabase();
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada');
  const streams = Array.from({ length: 20 }, () => openStream(server, ada));
  for (const stream of streams) await stream.next({ channel: 'position' });
  expect(server.hub.subscriberCount).toBe(20);
  const listeners = await database.pool.query(
    `SELECT FROM pg_stat_activity WHERE application_name = 'listener' AND datname = current_database()`,
  );
  expect(listeners.rowCount).toBe(1);
  for (const stream of streams) stream[Symbol.dispose]();
  await vi.waitFor(() => expect(server.hub.subscriberCount).toBe(0), until);
});

test('what is committed while the listener is away comes afterwards, and what was revoked meanwhile stays silent', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada', { 1: 'owner' });
  const bo = await server.signIn('bo', { 1: 'owner', 2: 'owner' });
  using adas = openStream(server, ada);
  using bos = openStream(server, bo);
  await adas.next({ channel: 'position' });
  await bos.next({ channel: 'position' });
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name LIKE 'listener%' AND datname = current_database()`,
  );
  await database.db
    .deleteFrom('profile_team')
    .where('profile_id', '=', bo.id)
    .where('team_id', '=', 1)
    .execute();
  await touchEverything(database, 1);
  await database.db.updateTable('team').set({ name: 'sentinel' }).where('id', '=', 2).execute();
  await adas.next({ channel: 'flow_element_instance_changes' });
  await bos.next({ channel: 'team_changes', name: 'sentinel' });
  expect(adas.channels).not.toContain('resync');
  expect(bos.channels).toEqual(['position', 'profile_team_changes', 'team_changes']);
});

test('an event that cannot be read is reported, and its channel’s streams refetch', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada', { 1: 'owner' });
  using stream = openStream(server, ada);
  await stream.next({ channel: 'position' });
  const log = (channel: string, payload: string) =>
    database.pool.query(
      `INSERT INTO change_log (id, xid, at, rung, channel, payload)
       VALUES (nextval('change_event_seq'), pg_current_xact_id(), now(), true, $1, $2)`,
      [channel, payload],
    );
  await log('invitation_changes', 'nonsense');
  const resync = { channel: 'resync', reason: 'truncated-table' };
  expect(await stream.next(resync)).toEqual({ ...resync, channels: ['invitation_changes'] });
  // Of what decides who hears what: everything, after a fresh read.
  await log('role_changes', '{"operation":"UPDATE","id":1,"seq":1,"announced_at":"2026-01-01T00:00:00Z"}');
  await stream.next({ channel: 'resync', channels: undefined });
  await database.db.updateTable('team').set({ name: 'sentinel' }).where('id', '=', 1).execute();
  await stream.next({ channel: 'team_changes' });
  expect(stream.channels).toEqual(['position', 'resync', 'resync', 'team_changes']);
  expect(server.reports.map(String)).toEqual([
    expect.stringContaining('not JSON'),
    expect.stringContaining('lacks "team_id"'),
  ]);
});

test('TRUNCATE is a resync of its channel; of memberships, of everything, read afresh', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada', { 1: 'owner' });
  using stream = openStream(server, ada);
  await stream.next({ channel: 'position' });
  await database.pool.query('TRUNCATE invitation');
  const resync = await stream.next({ channel: 'resync' });
  expect(resync).toEqual({ channel: 'resync', reason: 'truncated-table', channels: ['invitation_changes'] });
  await database.pool.query('TRUNCATE profile_team CASCADE');
  await stream.next({ channel: 'resync', channels: undefined }, 2);
  await database.db.updateTable('team').set({ name: 'secret' }).execute();
  await database.db.insertInto('profile_team').values({ team_id: 2, profile_id: ada.id }).execute();
  await stream.next({ channel: 'profile_team_changes' });
  expect(stream.channels).not.toContain('team_changes');
});
