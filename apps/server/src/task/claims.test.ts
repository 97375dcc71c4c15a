import { testDatabase } from '@processflow/db/testing';
import { expect, test } from 'vitest';

import { addPerson, exampleTeam, holdLocks, join, openTask, testServices } from '../testing.ts';

/** Bo, in Accounting, works on a task of Accounting, where Dan could take over. */
async function claimedTask(database: Awaited<ReturnType<typeof testDatabase>>) {
  const services = testServices(database.db);
  const team = await exampleTeam(services);
  const { ada, bo, teamId, modelId } = team;
  const dan = await addPerson(services, 'Dan');
  await join(services, teamId, dan, [team.accounting]);
  await ada.call.instance.start({ teamId, modelId, variables: {} });
  const { id } = await openTask(ada.call, teamId, 'Record the invoice');
  await bo.call.task.claim({ teamId, id });
  const claimer = async () => (await ada.call.task.get({ teamId, id })).claimedBy?.name ?? null;
  return { ...team, services, dan, task: { teamId, id }, claimer };
}

type Claimed = Awaited<ReturnType<typeof claimedTask>>;

const losses: Record<string, (team: Claimed) => Promise<unknown>> = {
  'the role': ({ ada, bo, teamId, management }) =>
    ada.call.member.setRoles({ teamId, profileId: bo.id, roleIds: [management] }),
  'the membership': ({ ada, bo, teamId }) => ada.call.member.remove({ teamId, profileId: bo.id }),
  'the role, which goes over to another': ({ ada, teamId, accounting, management }) =>
    ada.call.role.remove({ teamId, id: accounting, replaceBy: management }),
  'the page, with a role that everybody takes over': ({ ada, teamId, accounting }) =>
    ada.call.role.remove({ teamId, id: accounting, replaceBy: null }),
  'the page': ({ ada, teamId, accounting }) =>
    ada.call.role.update({ teamId, id: accounting, pages: ['instances'] }),
};

for (const [what, lose] of Object.entries(losses)) {
  test(`who loses ${what} leaves the claim to others`, async () => {
    await using database = await testDatabase();
    const team = await claimedTask(database);
    expect(await team.claimer()).toBe('Bo');
    await lose(team);
    expect(await team.ada.call.task.get(team.task)).toMatchObject({ claimedBy: null, claimedAt: null });
  });
}

test('another of the role goes on with it', async () => {
  await using database = await testDatabase();
  const { ada, bo, dan, teamId, task } = await claimedTask(database);
  await ada.call.member.setRoles({ teamId, profileId: bo.id, roleIds: [] });
  await dan.call.task.complete({ ...task, data: { Supplier: 'Desk Makers', Amount: 84.5 }, choice: [] });
  expect(await ada.call.task.get(task)).toMatchObject({ completedBy: { name: 'Dan' } });
});

test('an owner who is one no more leaves what was claimed as an owner', async () => {
  await using database = await testDatabase();
  const { ada, bo, cleo, dan, teamId, task, claimer } = await claimedTask(database);
  await bo.call.task.release(task);
  for (const { id } of [cleo, dan]) await ada.call.member.setOwner({ teamId, profileId: id, isOwner: true });
  await cleo.call.task.claim(task);
  await ada.call.member.setOwner({ teamId, profileId: cleo.id, isOwner: false });
  expect(await claimer()).toBeNull();
  await dan.call.task.claim(task);
  await ada.call.member.setOwner({ teamId, profileId: dan.id, isOwner: false });
  expect(await claimer()).toBe('Dan');
});

test('who keeps another way to the task keeps the claim', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, accounting, management, claimer } = await claimedTask(database);
  const roleIds = [accounting, management];
  await ada.call.member.setRoles({ teamId, profileId: bo.id, roleIds });
  await ada.call.role.update({ teamId, id: accounting, pages: [] });
  await ada.call.role.update({ teamId, id: accounting, name: 'Books' });
  expect(await claimer()).toBe('Bo');
  await ada.call.role.remove({ teamId, id: accounting, replaceBy: null });
  expect(await claimer()).toBe('Bo');
});

test('a claim on its way when the role is taken is refused, or freed', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, accounting, task, claimer } = await claimedTask(database);
  await bo.call.task.release(task);
  await using gate = await holdLocks(database, 'select from flow_element_instance for update');
  const claiming = bo.call.task.claim(task);
  await gate.untilWaiting(1);
  const taking = ada.call.role.update({ teamId, id: accounting, pages: [] });
  await gate.untilWaiting(2);
  await gate.open();
  await Promise.all([claiming, taking]);
  expect(await claimer()).toBeNull();
});
