import { testDatabase } from '@processflow/db/testing';
import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { addTeams, openStream, startTestServer } from '../testing.ts';
import { age, goOn, newest, rename, twoTeams, work } from './testing.ts';

test('a member with a page open since before it heard it', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada', { 1: 'owner' });
  const bo = await server.signIn('bo', { 1: [1] });
  using owner = openStream(server, ada);
  using stream = openStream(server, bo);
  await stream.next({ channel: 'position' });
  const seq = await work(database);
  await stream.next({ seq });

  const told = await owner.client.realtime.why.query({ teamId: 1, seq, email: 'BO@example.com ' });
  expect(told).toMatchObject({
    event: {
      seq,
      channel: 'flow_element_instance_changes',
      operation: 'INSERT',
      topics: ['team:1/tasks', 'team:1/instances'],
    },
    person: { kind: 'member', name: 'bo', email: 'bo@example.com' },
    conclusion: { heard: 'yes', text: expect.stringMatching(/^bo heard it: /) },
  });
  expect(told.rules.map(({ holds }) => holds)).toEqual([
    true,
    true,
    true,
    true,
    true,
    true,
    false,
    true,
    true,
  ]);
  expect(told.rules.map(({ text }) => text)).toEqual([
    expect.stringMatching(
      /^The event is in the log: flow_element_instance_changes, INSERT, written at \d{4}-.* UTC\.$/,
    ),
    'flow_element_instance_changes is a channel that people hear.',
    'It went to team:1/tasks (members for whom a role opens Tasks, and owners) and team:1/instances (members for whom a role opens Instances, and owners).',
    'bo was a member of the team when it was written.',
    'bo is a member of it now.',
    'team:1/tasks was open to bo then, by the role "tasks"; it still is.',
    'team:1/instances was not open to bo then; nor is it now.',
    'bo was signed in then.',
    expect.stringMatching(
      /^A page or program of bo's is open .*, before the event, and hears all it goes to\.$/,
    ),
  ]);
});

test('a page that asked for less, or was opened later, is no proof', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada', { 1: 'owner' });
  const bo = await server.signIn('bo', { 1: [1] });
  using owner = openStream(server, ada);
  using narrow = openStream(server, bo, { channels: ['role_changes'] });
  await narrow.next({ channel: 'position' });
  const seq = await work(database);
  await server.settled();
  const ask = () => owner.client.realtime.why.query({ teamId: 1, seq, email: bo.email });

  const narrowed = await ask();
  expect(narrowed.conclusion.heard).toBe('unknown');
  expect(narrowed.conclusion.text).toContain('does not: it asked for role_changes alone');
  expect(narrowed.rules.at(-1)).toEqual({
    holds: false,
    text: expect.stringContaining('before the event, but asked for role_changes alone.'),
  });

  narrow[Symbol.dispose]();
  using later = openStream(server, bo);
  await later.next({ channel: 'position' });
  await expect
    .poll(async () => (await ask()).rules.at(-1)?.text)
    .toContain('after the event: what came before');
  expect((await ask()).conclusion).toEqual({
    heard: 'unknown',
    text: expect.stringContaining('bo was allowed to hear it, and did if a page of theirs was open'),
  });
});

test('who joined later, or had left, did not hear it', async () => {
  await using world = await twoTeams();
  const { database, why } = world;
  const bo = await world.add('Bo');
  const early = await rename(database);
  await age(database, early, 190);
  await world.join(1, bo, [1]);
  expect(await why(early, bo)).toMatchObject({
    person: { kind: 'member', name: 'Bo' },
    conclusion: {
      heard: 'no',
      text: expect.stringMatching(
        /^Bo did not hear it: they joined the team 3 minutes later, at .* UTC\. It is open now: /,
      ),
    },
  });

  const between = await rename(database);
  await database.db.deleteFrom('profile_team').where('profile_id', '=', bo.id).execute();
  await age(database, await newest(database, 'profile_team_changes'), 7200);
  const late = await rename(database);
  expect((await why(late, bo)).conclusion).toEqual({
    heard: 'no',
    text: expect.stringMatching(
      /^bo@example.com did not hear it: they had left the team 2 hours before, at .* UTC\.$/,
    ),
  });
  const asMember = await why(between, bo);
  expect(asMember.person).toEqual({ kind: 'former-member', name: bo.email, email: bo.email });
  expect(asMember.rules).toContainEqual({
    holds: true,
    text: `${bo.email} was a member of the team when it was written.`,
  });
  expect(asMember.rules).toContainEqual({ holds: false, text: `${bo.email} is no member of it now.` });
  expect(asMember.conclusion).toEqual({
    heard: 'unknown',
    text: expect.stringContaining('and they have left it'),
  });
});

test('a page that no role opened then is the reason, whatever is open now', async () => {
  await using world = await twoTeams();
  const { database, why } = world;
  const bo = await world.add('Bo');
  await world.join(1, bo, [3]);
  const closed = await work(database);
  await database.db
    .insertInto('profile_role_team')
    .values({ team_id: 1, profile_id: bo.id, role_id: 1 })
    .execute();
  const open = await goOn(database);
  const told = await why(closed, bo);
  expect(told.conclusion.text).toMatch(
    /^Bo did not hear it: none of their roles opened Tasks or Instances then\. It is open now/,
  );
  expect(told.rules).toContainEqual({
    holds: false,
    text: 'team:1/tasks was not open to Bo then; it is now.',
  });
  expect((await why(open, bo)).conclusion.text).toBe('Bo did not hear it: they were not signed in.');

  await database.db
    .updateTable('role')
    .set({ pages: ['models'] })
    .where('id', '=', 1)
    .execute();
  const taken = await goOn(database);
  const { rules } = await why(taken, bo);
  expect(rules).toContainEqual({
    holds: false,
    text: 'team:1/tasks was not open to Bo then; nor is it now.',
  });
  expect((await why(open, bo)).rules).toContainEqual({
    holds: true,
    text: 'team:1/tasks was open to Bo then, by the role "tasks"; it no longer is.',
  });
});

test('what the log does not tell is said, not guessed', async () => {
  await using world = await twoTeams();
  const { database, why } = world;
  const bo = await world.add('Bo');
  await world.join(1, bo, [1]);
  const seq = await work(database);
  await database.db
    .updateTable('role')
    .set({ pages: ['models'] })
    .where('id', '=', 1)
    .execute();
  await sql`DELETE FROM change_log WHERE id < ${seq}`.execute(database.db);
  const told = await why(seq, bo);
  expect(told.rules).toContainEqual({
    holds: null,
    text: 'Which pages the role "tasks" opened then, the log does not tell.',
  });
  expect(told.conclusion).toEqual({ heard: 'unknown', text: expect.stringContaining('cannot be told') });
  // Of their membership, which nothing changed since, today's row tells.
  expect(told.rules).toContainEqual({
    holds: true,
    text: 'Bo was a member of the team when it was written.',
  });
});

test('what came with it in its transaction: what that takes counts before it, what it gives after', async () => {
  await using world = await twoTeams();
  const { database, why } = world;
  const [bo, cleo] = [await world.add('Bo'), await world.add('Cleo')];
  await world.join(1, bo);
  await database.db.transaction().execute(async (trx) => {
    await sql`UPDATE team SET name = 'First' WHERE id = 1`.execute(trx);
    await sql`DELETE FROM profile_team WHERE profile_id = ${bo.id}`.execute(trx);
    await sql`INSERT INTO profile_team (team_id, profile_id) VALUES (1, ${cleo.id})`.execute(trx);
  });
  const seq = await newest(database, 'team_changes');
  const closed = { holds: false, text: expect.stringMatching(/^team:1 was not open to /) };
  for (const person of [bo, cleo]) {
    const told = await why(seq, person);
    expect(told.rules).toContainEqual(closed);
    expect(told.conclusion.heard).toBe('no');
  }
});

test('a change that was open at the same time: which came first, nobody knows any more', async () => {
  await using world = await twoTeams();
  const { database, why } = world;
  const bo = await world.add('Bo');
  await world.join(1, bo);
  const slow = await database.pool.connect();
  await slow.query('BEGIN');
  await slow.query('SELECT pg_current_xact_id()');
  const seq = await rename(database);
  await slow.query('DELETE FROM profile_team WHERE profile_id = $1', [bo.id]);
  await slow.query('COMMIT');
  slow.release();
  const told = await why(seq, bo);
  expect(told.rules).toContainEqual({
    holds: null,
    text: expect.stringContaining('that changed in a transaction that was open at the same time'),
  });
  expect(told.conclusion.heard).toBe('unknown');
});

test('who was signed out then did not hear it; who signed out since is not taken for one', async () => {
  await using database = await testDatabase();
  await addTeams(database);
  await using server = await startTestServer(database);
  const ada = await server.signIn('ada', { 1: 'owner' });
  const bo = await server.signIn('bo', { 1: [1] });
  using owner = openStream(server, ada);
  const during = await rename(database);
  await database.db.deleteFrom('session').where('profile_id', '=', bo.id).execute();
  const after = await rename(database);
  await server.signIn('bo');
  const ask = (seq: number) => owner.client.realtime.why.query({ teamId: 1, seq, email: bo.email });
  expect((await ask(during)).rules).toContainEqual({ holds: true, text: 'bo was signed in then.' });
  expect((await ask(during)).conclusion.heard).toBe('unknown');
  expect((await ask(after)).rules).toContainEqual({ holds: false, text: 'bo was not signed in then.' });
  expect((await ask(after)).conclusion).toEqual({
    heard: 'no',
    text: 'bo did not hear it: they were not signed in.',
  });

  await database.db
    .updateTable('session')
    .set({ expires_at: new Date() })
    .where('profile_id', '=', bo.id)
    .execute();
  const expired = await rename(database);
  expect((await ask(expired)).rules).toContainEqual({ holds: false, text: 'bo was not signed in then.' });
});

test('a table that was emptied announces no row', async () => {
  await using world = await twoTeams();
  const { database, why, ada } = world;
  await database.pool.query('TRUNCATE invitation');
  const told = await why(await newest(database, 'invitation_changes'), ada);
  expect(told.event).toMatchObject({ channel: 'invitation_changes', operation: null, topics: [] });
  expect(told.conclusion).toEqual({
    heard: 'unknown',
    text: expect.stringContaining("pages of Ada's that were open"),
  });
});

test('what goes to an address reaches the member who had verified it then', async () => {
  await using world = await twoTeams();
  const { database, why } = world;
  const { db } = database;
  const cleo = await world.add('Cleo');
  await world.join(1, cleo);
  await db.updateTable('profile').set({ email_verified: false }).where('id', '=', cleo.id).execute();
  const invitation = { team_id: 1, email: cleo.email, expires_at: new Date('2030-01-01') };
  const invite = async (secret_hash: string) => {
    await db
      .insertInto('invitation')
      .values({ ...invitation, secret_hash, status: 'Revoked' })
      .execute();
    return newest(database, 'invitation_changes');
  };
  const unverified = await invite('1');
  await db.updateTable('profile').set({ email_verified: true }).where('id', '=', cleo.id).execute();
  const verified = await invite('2');
  const topic = `email:${cleo.email}`;
  expect((await why(unverified, cleo)).rules).toContainEqual({
    holds: false,
    text: `${topic} was not open to Cleo then; it is now.`,
  });
  expect((await why(verified, cleo)).rules).toContainEqual({
    holds: true,
    text: `${topic} was open to Cleo then; it still is.`,
  });
});
