import { testDatabase } from '@processflow/db/testing';
import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { addPerson, join, testServices } from '../testing.ts';

test('who makes a team owns it and opens every page', async () => {
  await using database = await testDatabase();
  const ada = await addPerson(testServices(database.db), 'Ada');
  const { id } = await ada.call.team.create({ name: '  Demo  ' });
  expect(await ada.call.team.mine()).toEqual([
    { id, name: 'Demo', isOwner: true, pages: ['tasks', 'instances', 'models', 'invitations'], roleIds: [] },
  ]);
});

test('a member opens the pages of all their roles together', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  const ada = await addPerson(services, 'Ada');
  const bo = await addPerson(services, 'Bo');
  const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
  const one = await ada.call.role.create({ teamId, name: 'One', colour: 'blue', pages: ['models', 'tasks'] });
  const two = await ada.call.role.create({
    teamId,
    name: 'Two',
    colour: 'teal',
    pages: ['tasks', 'instances'],
  });
  await join(services, teamId, bo, [one.id, two.id]);
  const [team] = await bo.call.team.mine();
  expect(team).toMatchObject({ isOwner: false, pages: ['tasks', 'instances', 'models'] });
  expect(team?.roleIds).toEqual([one.id, two.id]);
});

test.each([
  ['', 'Give the team a name.'],
  ['   ', 'Give the team a name.'],
  ['x'.repeat(101), 'at most 100 characters'],
  ['a\nb', 'no line breaks'],
  ['a\0b', 'control characters'],
])('a team is not called %j', async (name, message) => {
  await using database = await testDatabase();
  const ada = await addPerson(testServices(database.db), 'Ada');
  await expect(ada.call.team.create({ name })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(ada.call.team.create({ name })).rejects.toThrow(message);
});

test('a name is counted in characters that people see, as the database does', async () => {
  await using database = await testDatabase();
  const ada = await addPerson(testServices(database.db), 'Ada');
  const name = '🦊'.repeat(100);
  await ada.call.team.create({ name });
  expect((await ada.call.team.mine())[0]?.name).toBe(name);
});

test('renaming to the same name writes nothing', async () => {
  await using database = await testDatabase();
  const ada = await addPerson(testServices(database.db), 'Ada');
  const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
  const version = () =>
    database.db
      .selectFrom('team')
      .select(['name', sql<string>`xmin::text`.as('xmin')])
      .executeTakeFirst();
  const before = await version();
  await ada.call.team.rename({ teamId, name: 'Demo' });
  expect(await version()).toEqual(before);
  await ada.call.team.rename({ teamId, name: 'Better' });
  expect(await version()).toMatchObject({ name: 'Better' });
});

test('the last owner cannot leave; another can, and a member too', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  const ada = await addPerson(services, 'Ada');
  const bo = await addPerson(services, 'Bo');
  const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
  await join(services, teamId, bo);
  await expect(ada.call.team.leave({ teamId })).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
    message: expect.stringContaining('delete the team'),
    cause: { details: { code: 'last-owner' } },
  });
  await ada.call.member.setOwner({ teamId, profileId: bo.id, isOwner: true });
  await ada.call.team.leave({ teamId });
  expect(await ada.call.team.mine()).toEqual([]);
  await expect(ada.call.member.list({ teamId })).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('of two owners who leave at once, one stays', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  const ada = await addPerson(services, 'Ada');
  const bo = await addPerson(services, 'Bo');
  const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
  await join(services, teamId, bo);
  await ada.call.member.setOwner({ teamId, profileId: bo.id, isOwner: true });
  const results = await Promise.allSettled([ada.call.team.leave({ teamId }), bo.call.team.leave({ teamId })]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const owners = await database.db
    .selectFrom('profile_team')
    .where('is_owner', '=', true)
    .selectAll()
    .execute();
  expect(owners).toHaveLength(1);
});

test('a team is deleted with its name typed again, and everything in it goes', async () => {
  await using database = await testDatabase();
  const ada = await addPerson(testServices(database.db), 'Ada');
  const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
  await ada.call.role.create({ teamId, name: 'Clerk', colour: 'blue', pages: ['tasks'] });
  await expect(ada.call.team.remove({ teamId, name: 'demo' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    cause: { details: { code: 'name-differs' } },
  });
  await ada.call.team.remove({ teamId, name: 'Demo' });
  expect(await ada.call.team.mine()).toEqual([]);
  expect(await database.db.selectFrom('role').selectAll().execute()).toEqual([]);
});
