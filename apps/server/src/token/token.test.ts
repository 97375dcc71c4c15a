import { createHash } from 'node:crypto';

import { testDatabase } from '@processflow/db/testing';
import { expect, test } from 'vitest';

import { addPerson, join, testServices } from '../testing.ts';
import { MOST_TOKENS } from './commands.ts';

async function world(database: Awaited<ReturnType<typeof testDatabase>>) {
  const services = testServices(database.db);
  const ada = await addPerson(services, 'Ada');
  const bo = await addPerson(services, 'Bo');
  const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
  await join(services, teamId, bo);
  return { services, ada, bo, teamId };
}

test('a token is told once; the database has only its hash and its last characters', async () => {
  await using database = await testDatabase();
  const { ada, teamId } = await world(database);
  const { token } = await ada.call.token.create({ teamId, name: 'Reports', days: 30 });
  expect(token).toMatch(/^pf_[\w-]{43}$/);

  const { rows } = await database.pool.query('select t, t::text as dump from api_token t');
  expect(rows).toHaveLength(1);
  expect(rows[0].dump).toContain(createHash('sha256').update(token).digest('hex'));
  expect(rows[0].dump).not.toContain(token.slice(3, 20));
  expect(rows[0].dump).not.toContain(token.slice(-5));

  const [listed] = await ada.call.token.list({ teamId });
  expect(listed).toEqual({
    id: expect.any(Number),
    name: 'Reports',
    hint: token.slice(-4),
    createdBy: { id: ada.id, name: 'Ada' },
    createdAt: expect.any(Date),
    expiresAt: expect.any(Date),
    lastUsedAt: null,
    resting: false,
  });
  const days = (listed!.expiresAt!.getTime() - listed!.createdAt.getTime()) / (24 * 60 * 60 * 1000);
  expect(Math.round(days)).toBe(30);
});

test('tokens are listed the newest first, without an end when they have none, and are gone when revoked', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId } = await world(database);
  await ada.call.member.setOwner({ teamId, profileId: bo.id, isOwner: true });
  const first = await ada.call.token.create({ teamId, name: 'First', days: null });
  await bo.call.token.create({ teamId, name: 'Second', days: 90 });
  expect(await ada.call.token.list({ teamId })).toMatchObject([
    { name: 'Second', createdBy: { name: 'Bo' } },
    { name: 'First', createdBy: { name: 'Ada' }, expiresAt: null },
  ]);
  await bo.call.token.revoke({ teamId, id: first.id });
  expect(await ada.call.token.list({ teamId })).toMatchObject([{ name: 'Second' }]);
  await expect(bo.call.token.revoke({ teamId, id: first.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a team has so many tokens and no more, also of two who make the last at once', async () => {
  await using database = await testDatabase();
  const { ada, teamId } = await world(database);
  await database.pool.query(
    `insert into api_token (team_id, created_by, name, token_hash, hint)
      select $1, $2, 'made', n, 'hint' from generate_series(1, $3) n`,
    [teamId, ada.id, MOST_TOKENS - 1],
  );
  const make = () => ada.call.token.create({ teamId, name: 'One more', days: null });
  const made = await Promise.allSettled([make(), make()]);
  expect(made.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await expect(make()).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
    message: 'A team has at most 50 API tokens. Revoke one that is no longer needed.',
    cause: { details: { code: 'too-many-tokens' } },
  });
});

test('a token rests while its maker is no owner, and ends when they leave the team or are no more', async () => {
  await using database = await testDatabase();
  const { services, ada, bo, teamId } = await world(database);
  const setOwner = (isOwner: boolean) => ada.call.member.setOwner({ teamId, profileId: bo.id, isOwner });
  await setOwner(true);
  await bo.call.token.create({ teamId, name: 'Reports', days: null });
  await setOwner(false);
  expect(await ada.call.token.list({ teamId })).toMatchObject([{ name: 'Reports', resting: true }]);
  await setOwner(true);
  expect(await ada.call.token.list({ teamId })).toMatchObject([{ resting: false }]);

  await ada.call.member.remove({ teamId, profileId: bo.id });
  expect(await ada.call.token.list({ teamId })).toEqual([]);
  await join(services, teamId, bo);
  await setOwner(true);
  expect(await ada.call.token.list({ teamId })).toEqual([]);

  await bo.call.token.create({ teamId, name: 'Another', days: null });
  await database.db.deleteFrom('profile').where('id', '=', bo.id).execute();
  expect(await ada.call.token.list({ teamId })).toEqual([]);
});

test.each([
  [{ name: ' ', days: 30 }, 'Give the token a name.'],
  [{ name: 'x', days: 0 }, /days/],
  [{ name: 'x', days: 367 }, 'A token lasts a year at most'],
])('%j makes no token', async (draft, message) => {
  await using database = await testDatabase();
  const { ada, teamId } = await world(database);
  await expect(ada.call.token.create({ teamId, ...draft })).rejects.toThrow(message);
});
