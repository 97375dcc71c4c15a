import { testDatabase } from '@processflow/db/testing';
import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { addTeams, openStream, startTestServer } from './testing.ts';

test('a probe is heard by the server, and by its asker alone', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada', { 1: 'owner', 2: 'owner' });
  const bo = await server.signIn('bo', { 1: 'owner' });
  using own = openStream(server, ada, { teamId: 1 });
  using elsewhere = openStream(server, ada, { teamId: 2 });
  using others = openStream(server, bo);
  for (const stream of [own, elsewhere, others]) await stream.next({ channel: 'position' });

  for (const nonce of ['first', 'second']) {
    const answer = await own.client.realtime.probe.mutate({ teamId: 1, nonce });
    expect(answer.heardAfterMs).toBeGreaterThanOrEqual(0);
    expect(answer.notified).toBe(true);
    expect(answer.now).toBeGreaterThan(0);
    await own.next({ channel: 'probe_changes', nonce, team_id: 1, profile_id: ada.id });
  }
  expect(await database.db.selectFrom('probe').select('nonce').execute()).toEqual([{ nonce: 'second' }]);

  // What everybody in both teams hears, after it.
  await database.db.updateTable('team').set({ name: 'Changed' }).execute();
  for (const stream of [elsewhere, others]) {
    await stream.next({ channel: 'team_changes' });
    expect(stream.channels).not.toContain('probe_changes');
  }
});

test('says when the server did not hear of it', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada', { 1: 'owner' });
  using stream = openStream(server, ada);
  await sql`ALTER TABLE probe DISABLE TRIGGER ALL`.execute(database.db);
  const answer = await stream.client.realtime.probe.mutate({ teamId: 1, nonce: 'n', waitMs: 200 });
  expect(answer.heardAfterMs).toBeNull();
});

test('only for members', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada', { 1: 'owner' });
  using stream = openStream(server, ada);
  await stream.next({ channel: 'position' });
  await expect(stream.client.realtime.probe.mutate({ teamId: 2, nonce: 'n' })).rejects.toThrow(
    'not a member of this team',
  );
});
