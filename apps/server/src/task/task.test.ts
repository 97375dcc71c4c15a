import { testDatabase } from '@processflow/db/testing';
import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { addPerson, deploy, exampleTeam, holdLocks, join, openTask, testServices } from '../testing.ts';

const invoice = { Supplier: 'Desk Makers', Amount: 84.5 };

/** A team with one instance that waits for Accounting, as many of whom as asked for. */
async function waitingTask(database: Awaited<ReturnType<typeof testDatabase>>) {
  const services = testServices(database.db);
  const team = await exampleTeam(services);
  const { teamId, modelId } = team;
  const dan = await addPerson(services, 'Dan');
  await join(services, teamId, dan, [team.accounting]);
  const { id: instanceId } = await team.ada.call.instance.start({ teamId, modelId, variables: {} });
  const { id } = await openTask(team.ada.call, teamId, 'Record the invoice');
  return { ...team, services, dan, instanceId, id, task: { teamId, id } };
}

test('mine are those of my roles, of everyone, and those I claimed; all are readable', async () => {
  await using database = await testDatabase();
  const { ada, bo, cleo, teamId, id } = await waitingTask(database);
  const modelId = await deploy(ada.call, teamId, (await ada.call.model.example()).xml);
  await ada.call.instance.start({ teamId, modelId, variables: {} });
  const mine = async (call: typeof ada.call) =>
    (await call.task.list({ teamId, filter: 'mine' })).map(({ role, mayAct }) => [role?.name, mayAct]);
  const all = async (call: typeof ada.call) =>
    (await call.task.list({ teamId, filter: 'all' })).map(({ role, mayAct }) => [role?.name, mayAct]);
  expect(await mine(bo.call)).toEqual([
    ['Accounting', true],
    [undefined, true],
  ]);
  expect(await mine(cleo.call)).toEqual([[undefined, true]]);
  expect(await mine(ada.call)).toEqual([[undefined, true]]);
  expect(await all(cleo.call)).toEqual([
    ['Accounting', false],
    [undefined, true],
  ]);
  expect(await all(ada.call)).toEqual([
    ['Accounting', true],
    [undefined, true],
  ]);
  await ada.call.task.claim({ teamId, id });
  expect(await mine(ada.call)).toEqual([
    ['Accounting', true],
    [undefined, true],
  ]);
});

test('a task tells what it asks for', async () => {
  await using database = await testDatabase();
  const { bo, cleo, task, instanceId } = await waitingTask(database);
  expect(await bo.call.task.get(task)).toMatchObject({
    name: 'Record the invoice',
    elementId: 'record',
    decision: false,
    automatic: false,
    instance: { id: instanceId, modelName: 'Invoice approval', modelVersion: 1 },
    role: { name: 'Accounting' },
    status: 'Active',
    mayAct: true,
    documentation: expect.stringContaining('Invoices above 1,000'),
    fields: [
      { name: 'Supplier', type: 'text', required: true },
      { name: 'Amount', type: 'number', required: true },
      { name: 'Due on', type: 'date', required: false },
    ],
    choice: null,
    variables: {},
    completedBy: null,
    xml: expect.stringContaining('bpmn:definitions'),
  });
  expect(await cleo.call.task.get(task)).toMatchObject({ mayAct: false });
});

test('a claimed task is its claimer’s: others are told who and since when', async () => {
  await using database = await testDatabase();
  const { bo, dan, cleo, ada, task } = await waitingTask(database);
  await bo.call.task.claim(task);
  const claimed = await bo.call.task.get(task);
  expect(claimed).toMatchObject({ claimedBy: { id: bo.id, name: 'Bo' }, claimedAt: expect.any(Date) });
  await bo.call.task.claim(task);
  expect((await bo.call.task.get(task)).claimedAt).toEqual(claimed.claimedAt);

  const taken = {
    code: 'CONFLICT',
    message: 'Bo is working on this task.',
    cause: { details: { code: 'taken', by: 'Bo', at: claimed.claimedAt!.toISOString() } },
  };
  await expect(dan.call.task.claim(task)).rejects.toMatchObject(taken);
  await expect(dan.call.task.release(task)).rejects.toMatchObject(taken);
  await expect(dan.call.task.complete({ ...task, data: invoice, choice: [] })).rejects.toMatchObject(taken);
  await expect(ada.call.task.complete({ ...task, data: invoice, choice: [] })).rejects.toMatchObject(taken);
  for (const attempt of [
    () => cleo.call.task.claim(task),
    () => cleo.call.task.complete({ ...task, data: invoice, choice: [] }),
  ]) {
    await expect(attempt()).rejects.toMatchObject({
      code: 'FORBIDDEN',
      cause: { details: { code: 'not-yours' } },
    });
  }
});

test('a task is given back by its claimer or an owner', async () => {
  await using database = await testDatabase();
  const { ada, bo, dan, task } = await waitingTask(database);
  await bo.call.task.claim(task);
  await bo.call.task.release(task);
  await bo.call.task.release(task);
  await dan.call.task.claim(task);
  await ada.call.task.release(task);
  expect(await ada.call.task.get(task)).toMatchObject({ claimedBy: null, claimedAt: null });
});

test('completing moves the instance on and keeps who and when', async () => {
  await using database = await testDatabase();
  const { bo, task, teamId } = await waitingTask(database);
  await bo.call.task.complete({ ...task, data: { ...invoice, note: 'by hand' }, choice: [] });
  expect(await bo.call.task.get(task)).toMatchObject({
    status: 'Completed',
    mayAct: false,
    completedBy: { id: bo.id, name: 'Bo' },
    completedAt: expect.any(Date),
    variables: { ...invoice, note: 'by hand' },
  });
  const names = (await bo.call.task.list({ teamId, filter: 'mine' })).map(({ name }) => name);
  expect(names).toEqual(['Pay the invoice', 'File the invoice']);
});

test('bad data names the field and changes nothing', async () => {
  await using database = await testDatabase();
  const { bo, task, instanceId, teamId } = await waitingTask(database);
  const before = await bo.call.instance.get({ teamId, id: instanceId });
  const wrong: [field: string, data: Record<string, string | number>][] = [
    ['Amount', { Supplier: 'Pens', Amount: 'much' }],
    ['Supplier', { Amount: 1 }],
    ['Due on', { ...invoice, 'Due on': 'tomorrow' }],
  ];
  for (const [field, data] of wrong) {
    await expect(bo.call.task.complete({ ...task, data, choice: [] })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      cause: { details: { code: 'bad-variable', field, message: expect.stringContaining(field) } },
    });
  }
  await expect(bo.call.task.complete({ ...task, data: invoice, choice: ['large'] })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    cause: { details: { code: 'bad-choice' } },
  });
  expect(await bo.call.instance.get({ teamId, id: instanceId })).toEqual(before);
});

test('two people complete the same task at once: one wins, the other is told who and when', async () => {
  await using database = await testDatabase();
  const { bo, dan, ada, task, instanceId, teamId } = await waitingTask(database);
  await using gate = await holdLocks(database, 'select from process_instance for update');
  const attempts = [bo, dan].map(({ call }, index) =>
    call.task.complete({ ...task, data: { ...invoice, who: index }, choice: [] }),
  );
  const settled = Promise.allSettled(attempts);
  await gate.untilWaiting(2);
  await gate.open();

  const results = await settled;
  const winner = results[0]?.status === 'fulfilled' ? bo : dan;
  const done = await ada.call.task.get(task);
  expect(done).toMatchObject({ status: 'Completed', completedBy: { id: winner.id } });
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const [lost] = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  expect(lost).toMatchObject({
    code: 'CONFLICT',
    message: `${winner.name} has completed this task already.`,
    cause: { details: { code: 'already-done', by: winner.name, at: done.completedAt!.toISOString() } },
  });
  const { elements, variables } = await ada.call.instance.get({ teamId, id: instanceId });
  expect(elements.filter(({ elementId }) => elementId === 'pay')).toHaveLength(1);
  expect(variables).toMatchObject({ who: winner === bo ? 0 : 1 });
});

test('the two ways of a fork completed at once are both joined', async () => {
  await using database = await testDatabase();
  const { bo, dan, ada, task, instanceId, teamId } = await waitingTask(database);
  await bo.call.task.complete({ ...task, data: invoice, choice: [] });
  const pay = await openTask(bo.call, teamId, 'Pay the invoice');
  const file = await openTask(bo.call, teamId, 'File the invoice');
  await using gate = await holdLocks(database, 'select from process_instance for update');
  const both = Promise.all([
    bo.call.task.complete({ teamId, id: pay.id, data: { 'Paid on': '2026-11-24' }, choice: [] }),
    dan.call.task.complete({ teamId, id: file.id, data: {}, choice: [] }),
  ]);
  await gate.untilWaiting(2);
  await gate.open();
  await both;
  expect(await ada.call.instance.get({ teamId, id: instanceId })).toMatchObject({ status: 'Completed' });
});

test('who claims while somebody completes is told that it is done', async () => {
  await using database = await testDatabase();
  const { bo, dan, task } = await waitingTask(database);
  await using gate = await holdLocks(database, 'select from flow_element_instance for update');
  const completing = bo.call.task.complete({ ...task, data: invoice, choice: [] });
  await gate.untilWaiting(1);
  const both = Promise.allSettled([completing, dan.call.task.claim(task)]);
  await gate.untilWaiting(2);
  await gate.open();
  expect(await both).toMatchObject([
    { status: 'fulfilled' },
    { reason: { code: 'CONFLICT', cause: { details: { code: 'already-done', by: 'Bo' } } } },
  ]);
});

test('who is removed from the team meanwhile neither claims nor completes', async () => {
  await using database = await testDatabase();
  const { ada, bo, task } = await waitingTask(database);
  await using removal = await holdLocks(database, `delete from profile_team where profile_id = '${bo.id}'`);
  const attempts = Promise.allSettled([
    bo.call.task.claim(task),
    bo.call.task.complete({ ...task, data: invoice, choice: [] }),
  ]);
  await removal.untilWaiting(2);
  await removal.open();
  const refused = { reason: { code: 'FORBIDDEN', cause: { details: { code: 'not-a-member' } } } };
  expect(await attempts).toMatchObject([refused, refused]);
  expect(await ada.call.task.get(task)).toMatchObject({ status: 'Active', claimedBy: null });
});

test('completing with all its consequences is one transaction', async () => {
  await using database = await testDatabase();
  const { bo, task, instanceId, teamId } = await waitingTask(database);
  const before = await bo.call.instance.get({ teamId, id: instanceId });
  await sql`alter table process_instance add constraint broken check (next_number < 5)`.execute(database.db);
  await expect(bo.call.task.complete({ ...task, data: invoice, choice: [] })).rejects.toMatchObject({
    code: 'INTERNAL_SERVER_ERROR',
  });
  expect(await bo.call.instance.get({ teamId, id: instanceId })).toEqual(before);
});

test('a gateway that a person decides offers its flows by name', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId } = await waitingTask(database);
  const modelId = await deploy(
    ada.call,
    teamId,
    `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="p">
      <startEvent id="s" /><sequenceFlow id="f" sourceRef="s" targetRef="g" /><exclusiveGateway id="g" name="Tea?" />
      <sequenceFlow id="yes" name="Yes, please" sourceRef="g" targetRef="brew" /><userTask id="brew" name="Brew" />
      <sequenceFlow id="no" name="No" sourceRef="g" targetRef="e" /><endEvent id="e" /></process></definitions>`,
  );
  const { id: instanceId } = await ada.call.instance.start({ teamId, modelId, variables: {} });
  const { id } = await openTask(bo.call, teamId, 'Tea?');
  expect(await bo.call.task.get({ teamId, id })).toMatchObject({
    decision: true,
    fields: [],
    choice: {
      mode: 'one',
      required: true,
      flows: [
        { id: 'yes', name: 'Yes, please' },
        { id: 'no', name: 'No' },
      ],
    },
  });
  await expect(bo.call.task.complete({ teamId, id, data: {}, choice: [] })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    cause: { details: { code: 'choice-needed' } },
  });
  await bo.call.task.complete({ teamId, id, data: {}, choice: ['no'] });
  expect(await ada.call.instance.get({ teamId, id: instanceId })).toMatchObject({
    status: 'Completed',
    takenFlows: ['f', 'no'],
    elements: [{}, { elementId: 'g', completedBy: { name: 'Bo' } }, { elementId: 'e' }],
  });
});
