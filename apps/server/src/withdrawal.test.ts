import { PAGES } from '@processflow/db';
import { testDatabase } from '@processflow/db/testing';
import type { AnyProcedure } from '@trpc/server';
import { expect, test } from 'vitest';

import { appRouter } from './router.ts';
import { addPerson, exampleTeam, holdLocks, join, openTask, testServices } from './testing.ts';

/** What is lost while a command is on its way, and what the command answers then. */
const withdrawals = {
  page: { statement: `update role set pages = '{}' where name = 'Everything'`, code: 'page-closed' },
  ownership: {
    statement: `update profile_team set is_owner = false from profile p where p.id = profile_id and p.name = 'Dan'`,
    code: 'owners-only',
  },
  membership: {
    statement: `delete from profile_team using profile p where p.id = profile_id and p.name = 'Finn'`,
    code: 'not-a-member',
  },
} as const;

/** These ask for no membership. */
const others = new Set(['team.create', 'invitation.look', 'invitation.accept', 'invitation.decline']);

test('what a member may do no more when the command comes to its transaction is refused, whatever it is', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  const { ada, bo, teamId, modelId, accounting } = await exampleTeam(services);
  const [dan, eve, finn] = [
    await addPerson(services, 'Dan'),
    await addPerson(services, 'Eve'),
    await addPerson(services, 'Finn'),
  ];
  const { call } = ada;
  const everything = await call.role.create({
    teamId,
    name: 'Everything',
    colour: 'blue',
    pages: [...PAGES],
  });
  await join(services, teamId, dan);
  await call.member.setOwner({ teamId, profileId: dan.id, isOwner: true });
  await join(services, teamId, eve, [everything.id, accounting]);
  await join(services, teamId, finn);
  // Accounting opens pages as well; Eve is to lose all of them at once.
  await call.role.update({ teamId, id: accounting, pages: [] });
  const { xml } = await call.model.example();
  const draft = await call.model.upload({ teamId, xml });
  const started = await call.instance.start({ teamId, modelId, variables: {} });
  const open = await openTask(call, teamId, 'Record the invoice');
  const invitation = await call.invitation.create({ teamId, email: 'gus@example.com' });
  const token = await call.token.create({ teamId, name: 'Reports', days: null });
  const instance = { teamId, id: started.id };
  const task = { teamId, id: open.id };
  const roles = ['Accounting', 'Management'].map((performer) => ({ performer, role: 'everyone' as const }));
  const data = { Supplier: 'Desk Makers', Amount: 84.5 };
  const role = { teamId, name: 'New', colour: 'blue', pages: [] };
  const member = { teamId, profileId: bo.id };

  const commands: Record<string, [keyof typeof withdrawals, () => Promise<unknown>]> = {
    'team.rename': ['ownership', () => dan.call.team.rename({ teamId, name: 'Renamed' })],
    'team.leave': ['membership', () => finn.call.team.leave({ teamId })],
    'team.remove': ['ownership', () => dan.call.team.remove({ teamId, name: 'Demo' })],
    'member.remove': ['ownership', () => dan.call.member.remove(member)],
    'member.setOwner': ['ownership', () => dan.call.member.setOwner({ ...member, isOwner: true })],
    'member.setRoles': ['ownership', () => dan.call.member.setRoles({ ...member, roleIds: [] })],
    'role.create': ['ownership', () => dan.call.role.create(role)],
    'role.update': ['ownership', () => dan.call.role.update({ teamId, id: everything.id, name: 'All' })],
    'role.remove': ['ownership', () => dan.call.role.remove({ teamId, id: accounting, replaceBy: null })],
    'invitation.create': ['page', () => eve.call.invitation.create({ teamId, email: 'hal@example.com' })],
    'invitation.renew': ['page', () => eve.call.invitation.renew({ teamId, id: invitation.id })],
    'invitation.revoke': ['page', () => eve.call.invitation.revoke({ teamId, id: invitation.id })],
    'token.create': ['ownership', () => dan.call.token.create({ teamId, name: 'Another', days: null })],
    'token.revoke': ['ownership', () => dan.call.token.revoke({ teamId, id: token.id })],
    'model.upload': ['page', () => eve.call.model.upload({ teamId, xml })],
    'model.deploy': ['page', () => eve.call.model.deploy({ teamId, id: draft.id, roles })],
    'model.remove': ['page', () => eve.call.model.remove({ teamId, id: draft.id })],
    'instance.start': ['page', () => eve.call.instance.start({ teamId, modelId, variables: {} })],
    'instance.cancel': ['page', () => eve.call.instance.cancel(instance)],
    'instance.setVariables': [
      'page',
      () => eve.call.instance.setVariables({ ...instance, set: data, unset: [] }),
    ],
    'instance.retry': ['page', () => eve.call.instance.retry(instance)],
    'task.claim': ['page', () => eve.call.task.claim(task)],
    'task.release': ['page', () => eve.call.task.release(task)],
    'task.complete': ['page', () => eve.call.task.complete({ ...task, data, choice: [] })],
    'realtime.probe': ['membership', () => finn.call.realtime.probe({ teamId, nonce: 'n', waitMs: 0 })],
  };
  // Flat at run time, by their paths; the type follows the routers.
  const procedures = appRouter._def.procedures as unknown as Record<string, AnyProcedure>;
  const mutations = Object.keys(procedures).filter(
    (path) => procedures[path]?._def.type === 'mutation' && !others.has(path),
  );
  expect(Object.keys(commands).toSorted()).toEqual(mutations.toSorted());

  const giveBack = async () => {
    await database.pool.query(`update role set pages = array['tasks', 'instances', 'models', 'invitations']
      where name = 'Everything'`);
    await database.pool.query(`update profile_team set is_owner = true where profile_id = '${dan.id}'`);
    await database.pool.query(`insert into profile_team (team_id, profile_id) values (${teamId}, '${finn.id}')
      on conflict do nothing`);
  };
  for (const [path, [lost, attempt]] of Object.entries(commands)) {
    const { statement, code } = withdrawals[lost];
    await using withdrawal = await holdLocks(database, statement);
    const settled = Promise.allSettled([attempt()]);
    await withdrawal.untilWaiting(1);
    await withdrawal.open();
    expect(await settled, path).toMatchObject([{ reason: { cause: { details: { code } } } }]);
    await giveBack();
  }
});
