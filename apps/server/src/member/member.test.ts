import { testDatabase } from '@processflow/db/testing';
import { expect, test } from 'vitest';

import { addPerson, join, testServices } from '../testing.ts';

async function team(database: Awaited<ReturnType<typeof testDatabase>>) {
  const services = testServices(database.db);
  const ada = await addPerson(services, 'Ada');
  const bo = await addPerson(services, 'Bo');
  const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
  const clerk = await ada.call.role.create({ teamId, name: 'Clerk', colour: 'blue', pages: ['tasks'] });
  const chief = await ada.call.role.create({ teamId, name: 'Chief', colour: 'red', pages: ['models'] });
  await join(services, teamId, bo);
  return { ada, bo, teamId, clerk: clerk.id, chief: chief.id };
}

test('members are listed with their roles, in the order they joined', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, clerk, chief } = await team(database);
  await ada.call.member.setRoles({ teamId, profileId: bo.id, roleIds: [clerk, chief] });
  const members = await bo.call.member.list({ teamId });
  expect(members).toEqual([
    {
      profileId: ada.id,
      name: 'Ada',
      email: ada.email,
      isOwner: true,
      joinedAt: expect.any(Date),
      roleIds: [],
    },
    {
      profileId: bo.id,
      name: 'Bo',
      email: bo.email,
      isOwner: false,
      joinedAt: expect.any(Date),
      roleIds: [clerk, chief],
    },
  ]);
});

test('of roles set anew only what differs is written', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, clerk, chief } = await team(database);
  const rows = () => database.db.selectFrom('profile_role_team').selectAll().orderBy('role_id').execute();
  await ada.call.member.setRoles({ teamId, profileId: bo.id, roleIds: [clerk] });
  const [before] = await rows();
  await ada.call.member.setRoles({ teamId, profileId: bo.id, roleIds: [clerk, chief, chief] });
  expect(await rows()).toEqual([before, expect.objectContaining({ role_id: chief })]);
  await ada.call.member.setRoles({ teamId, profileId: bo.id, roleIds: [chief] });
  expect((await rows()).map((row) => row.role_id)).toEqual([chief]);
  await ada.call.member.setRoles({ teamId, profileId: bo.id, roleIds: [] });
  expect(await rows()).toEqual([]);
});

test('a member who goes leaves their claims to the others', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, clerk } = await team(database);
  await ada.call.member.setRoles({ teamId, profileId: bo.id, roleIds: [clerk] });
  const model = await ada.call.model.upload({ teamId, ...(await ada.call.model.example()) });
  const roles = ['Accounting', 'Management'].map((performer) => ({ performer, role: { use: clerk } }));
  await ada.call.model.deploy({ teamId, id: model.id, roles });
  await ada.call.instance.start({ teamId, modelId: model.id, variables: {} });
  const [task] = await bo.call.task.list({ teamId, filter: 'mine' });
  await bo.call.task.claim({ teamId, id: task!.id });

  await ada.call.member.remove({ teamId, profileId: bo.id });
  await expect(bo.call.task.list({ teamId, filter: 'mine' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const [free] = await ada.call.task.list({ teamId, filter: 'all' });
  expect(free).toMatchObject({ id: task!.id, claimedBy: null, claimedAt: null });
  expect(await database.db.selectFrom('profile_role_team').selectAll().execute()).toEqual([]);
});

test('at least one owner remains', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId } = await team(database);
  const lastOwner = { code: 'PRECONDITION_FAILED', cause: { details: { code: 'last-owner' } } };
  const self = { teamId, profileId: ada.id };
  await expect(ada.call.member.setOwner({ ...self, isOwner: false })).rejects.toMatchObject(lastOwner);
  await expect(ada.call.member.remove(self)).rejects.toMatchObject(lastOwner);
  await ada.call.member.setOwner({ teamId, profileId: bo.id, isOwner: true });
  await ada.call.member.setOwner({ ...self, isOwner: false });
  expect((await bo.call.member.list({ teamId })).map(({ isOwner }) => isOwner)).toEqual([false, true]);
});

test('two owners who take it from each other at once leave one', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId } = await team(database);
  await ada.call.member.setOwner({ teamId, profileId: bo.id, isOwner: true });
  await Promise.allSettled([
    ada.call.member.setOwner({ teamId, profileId: bo.id, isOwner: false }),
    bo.call.member.setOwner({ teamId, profileId: ada.id, isOwner: false }),
  ]);
  const owners = (await ada.call.member.list({ teamId })).filter(({ isOwner }) => isOwner);
  expect(owners).toHaveLength(1);
});
