import { testDatabase } from '@processflow/db/testing';
import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { addPerson, join, testServices } from '../testing.ts';

async function team(database: Awaited<ReturnType<typeof testDatabase>>) {
  const services = testServices(database.db);
  const ada = await addPerson(services, 'Ada');
  const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
  const { id } = await ada.call.role.create({
    teamId,
    name: 'Clerk',
    colour: 'teal',
    pages: ['models', 'tasks'],
  });
  return { services, ada, teamId, id };
}

test('a role tells its pages, members and open tasks', async () => {
  await using database = await testDatabase();
  const { services, ada, teamId, id } = await team(database);
  await join(services, teamId, await addPerson(services, 'Bo'), [id]);
  await startExample(ada.call, teamId, id);
  expect(await ada.call.role.list({ teamId })).toEqual([
    { id, name: 'Clerk', colour: 'teal', pages: ['tasks', 'models'], memberCount: 1, openTasks: 1 },
  ]);
});

test('names are unique within a team, whatever their case', async () => {
  await using database = await testDatabase();
  const { ada, teamId, id } = await team(database);
  const taken = { code: 'CONFLICT', cause: { details: { code: 'name-taken' } } };
  const draft = { teamId, colour: 'blue', pages: [] };
  await expect(ada.call.role.create({ ...draft, name: 'clerk' })).rejects.toMatchObject(taken);
  const other = await ada.call.role.create({ ...draft, name: 'Chief' });
  await expect(ada.call.role.update({ teamId, id: other.id, name: 'CLERK' })).rejects.toMatchObject(taken);
  await ada.call.role.update({ teamId, id, name: 'CLERK' });
});

test('two who create the same role at once: one of them is told', async () => {
  await using database = await testDatabase();
  const { ada, teamId } = await team(database);
  const draft = { teamId, name: 'Chief', colour: 'blue', pages: [] };
  const results = await Promise.allSettled([ada.call.role.create(draft), ada.call.role.create(draft)]);
  const refused = results.find((result) => result.status === 'rejected');
  expect(refused?.reason).toMatchObject({ code: 'CONFLICT' });
});

test('an update that changes nothing is not written', async () => {
  await using database = await testDatabase();
  const { ada, teamId, id } = await team(database);
  const version = () =>
    database.db
      .selectFrom('role')
      .select(sql<string>`xmin::text`.as('xmin'))
      .execute();
  const before = await version();
  await ada.call.role.update({ teamId, id, name: 'Clerk', pages: ['tasks', 'models'], colour: 'teal' });
  await ada.call.role.update({ teamId, id });
  expect(await version()).toEqual(before);
  await ada.call.role.update({ teamId, id, pages: ['invitations'] });
  expect(await ada.call.role.list({ teamId })).toMatchObject([
    { name: 'Clerk', colour: 'teal', pages: ['invitations'] },
  ]);
});

test('a page nobody knows is refused', async () => {
  await using database = await testDatabase();
  const { ada, teamId } = await team(database);
  const draft = { teamId, name: 'Chief', colour: 'blue', pages: ['secrets' as 'tasks'] };
  await expect(ada.call.role.create(draft)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('a role in use goes only when somebody takes over', async () => {
  await using database = await testDatabase();
  const { ada, teamId, id } = await team(database);
  await startExample(ada.call, teamId, id);
  const chief = await ada.call.role.create({ teamId, name: 'Chief', colour: 'red', pages: [] });
  await expect(ada.call.role.remove({ teamId, id })).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
    message: expect.stringContaining('1 open task, Invoice approval (version 1)'),
    cause: { details: { code: 'role-in-use', openTasks: 1, models: ['Invoice approval (version 1)'] } },
  });
  await expect(ada.call.role.remove({ teamId, id, replaceBy: id })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await ada.call.role.remove({ teamId, id, replaceBy: chief.id });
  const [task] = await ada.call.task.list({ teamId, filter: 'all' });
  expect(task?.role).toEqual({ id: chief.id, name: 'Chief', colour: 'red' });

  await ada.call.role.remove({ teamId, id: chief.id, replaceBy: null });
  expect((await ada.call.task.list({ teamId, filter: 'all' }))[0]?.role).toBeNull();
  expect(await ada.call.role.list({ teamId })).toEqual([]);
  const [model] = await ada.call.model.list({ teamId });
  const { performers } = await ada.call.model.get({ teamId, id: model!.id });
  expect(performers.map(({ roleId, everyone }) => [roleId, everyone])).toEqual([
    [null, true],
    [null, true],
  ]);
});

test('a role nothing needs goes at once, and its members keep the rest', async () => {
  await using database = await testDatabase();
  const { services, ada, teamId, id } = await team(database);
  const bo = await addPerson(services, 'Bo');
  await join(services, teamId, bo, [id]);
  await ada.call.role.remove({ teamId, id });
  expect(await bo.call.team.mine()).toMatchObject([{ pages: [], roleIds: [] }]);
});

async function startExample(
  call: Awaited<ReturnType<typeof team>>['ada']['call'],
  teamId: number,
  roleId: number,
): Promise<void> {
  const model = await call.model.upload({ teamId, ...(await call.model.example()) });
  const roles = ['Accounting', 'Management'].map((performer) => ({ performer, role: { use: roleId } }));
  await call.model.deploy({ teamId, id: model.id, roles });
  await call.instance.start({ teamId, modelId: model.id, variables: {} });
}
