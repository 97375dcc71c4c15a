import { readFile } from 'node:fs/promises';

import { testDatabase } from '@processflow/db/testing';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';

import {
  addPerson,
  type Caller,
  deploy,
  exampleTeam,
  holdLocks,
  openTask,
  testServices,
} from '../testing.ts';

const invoice = { Supplier: 'Desk Makers', Amount: 4200 };

/** A task, then a gateway that asks for a variable nobody has to give. */
const askingForSize = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><process id="p" name="Sizes">
  <startEvent id="start" /><sequenceFlow id="f0" sourceRef="start" targetRef="ask" />
  <userTask id="ask" name="Measure" /><sequenceFlow id="f1" sourceRef="ask" targetRef="gate" />
  <exclusiveGateway id="gate" name="Large?" />
  <sequenceFlow id="large" sourceRef="gate" targetRef="end">
    <conditionExpression xsi:type="tFormalExpression">size &gt; 10</conditionExpression></sequenceFlow>
  <sequenceFlow id="small" sourceRef="gate" targetRef="end">
    <conditionExpression xsi:type="tFormalExpression">size &lt;= 10</conditionExpression></sequenceFlow>
  <endEvent id="end" /></process></definitions>`;

test('starting lets the first task wait for its role', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, modelId, accounting } = await exampleTeam(testServices(database.db));
  const { id } = await ada.call.instance.start({
    teamId,
    modelId,
    variables: { Note: ['any', { json: 1 }] },
  });
  const instance = await bo.call.instance.get({ teamId, id });
  expect(instance).toMatchObject({
    status: 'Running',
    model: { id: modelId, name: 'Invoice approval', version: 1 },
    variables: { Note: ['any', { json: 1 }] },
    startedBy: { id: ada.id, name: 'Ada' },
    endedAt: null,
    takenFlows: ['to_record'],
  });
  expect(instance.model.xml).toContain('bpmn:definitions');
  expect(instance.elements).toMatchObject([
    {
      number: 1,
      elementId: 'received',
      kind: 'start',
      status: 'Completed',
      completedAt: instance.startedAt,
      completedBy: null,
      role: null,
    },
    {
      number: 2,
      elementId: 'record',
      name: 'Record the invoice',
      kind: 'task',
      status: 'Active',
      completedAt: null,
      role: { id: accounting, name: 'Accounting', colour: 'teal' },
      incident: null,
    },
  ]);
});

test('a draft is not started, nor variables that do not fit', async () => {
  await using database = await testDatabase();
  const { ada, teamId, modelId } = await exampleTeam(testServices(database.db));
  const draft = await ada.call.model.upload({ teamId, ...(await ada.call.model.example()) });
  await expect(ada.call.instance.start({ teamId, modelId: draft.id, variables: {} })).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
    cause: { details: { code: 'not-deployed' } },
  });
  for (const variables of [
    { Amount: 'a lot' },
    { Note: 'a\0b' },
    { ['x'.repeat(300)]: 1 },
    { Note: '\ud800' },
  ]) {
    await expect(ada.call.instance.start({ teamId, modelId, variables })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      cause: { details: { code: 'bad-variable', field: Object.keys(variables)[0] } },
    });
  }
  for (const variables of [[], null, 'text']) {
    await expect(
      ada.call.instance.start({ teamId, modelId, variables: variables as unknown as Record<string, never> }),
    ).rejects.toThrow('Variables are names with values.');
  }
  expect(await database.db.selectFrom('process_instance').selectAll().execute()).toEqual([]);
});

test('a run goes through conditions, fork and join to its end, and tells all of it', async () => {
  await using database = await testDatabase();
  const { ada, bo, cleo, teamId, modelId } = await exampleTeam(testServices(database.db));
  const { id } = await ada.call.instance.start({ teamId, modelId, variables: {} });
  await complete(bo.call, teamId, 'Record the invoice', invoice);
  await complete(cleo.call, teamId, 'Approve the invoice', { Approved: true });
  await complete(bo.call, teamId, 'File the invoice');
  const waiting = await ada.call.instance.get({ teamId, id });
  expect(waiting.elements.filter(({ status }) => status !== 'Completed')).toMatchObject([
    { elementId: 'pay', status: 'Active' },
    { elementId: 'join', status: 'Waiting', name: 'Parallel ways' },
  ]);
  await complete(bo.call, teamId, 'Pay the invoice', { 'Paid on': '2026-11-24' });

  const ended = await ada.call.instance.get({ teamId, id });
  expect(ended).toMatchObject({ status: 'Completed', endedAt: expect.any(Date) });
  expect(ended.variables).toEqual({ ...invoice, Approved: true, 'Paid on': '2026-11-24' });
  expect(ended.elements.map(({ number }) => number)).toEqual(ended.elements.map((_, index) => index + 1));
  expect(
    ended.elements.every(({ status, completedAt }) => status === 'Completed' && completedAt !== null),
  ).toBe(true);
  const doers = ended.elements.flatMap(({ kind, name, completedBy }) =>
    kind === 'task' ? [[name, completedBy?.name]] : completedBy === null ? [] : [['nobody did', name]],
  );
  expect(doers).toEqual([
    ['Record the invoice', 'Bo'],
    ['Approve the invoice', 'Cleo'],
    ['Pay the invoice', 'Bo'],
    ['File the invoice', 'Bo'],
  ]);
  expect(ended.takenFlows.toSorted()).toEqual([
    'from_file',
    'from_pay',
    'large',
    'to_approved',
    'to_done',
    'to_file',
    'to_fork',
    'to_pay',
    'to_record',
    'to_size',
    'yes',
  ]);
});

test('cancelling ends all that is open, once', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, modelId } = await exampleTeam(testServices(database.db));
  const { id } = await ada.call.instance.start({ teamId, modelId, variables: {} });
  const task = await openTask(bo.call, teamId, 'Record the invoice');
  await ada.call.instance.cancel({ teamId, id });
  expect(await ada.call.instance.get({ teamId, id })).toMatchObject({
    status: 'Cancelled',
    endedAt: expect.any(Date),
    elements: [
      { status: 'Completed' },
      { status: 'Cancelled', completedAt: expect.any(Date), completedBy: null },
    ],
  });
  expect(await bo.call.task.list({ teamId, filter: 'all' })).toEqual([]);
  await expect(
    bo.call.task.complete({ teamId, id: task.id, data: invoice, choice: [] }),
  ).rejects.toMatchObject({
    code: 'CONFLICT',
    cause: { details: { code: 'already-done', by: null } },
  });
  await expect(ada.call.instance.cancel({ teamId, id })).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
    cause: { details: { code: 'not-running' } },
  });
});

test('an incident says why, and goes on after its variables are corrected', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId } = await exampleTeam(testServices(database.db));
  const modelId = await deploy(ada.call, teamId, askingForSize);
  const { id } = await ada.call.instance.start({ teamId, modelId, variables: { note: 'kept' } });
  await complete(bo.call, teamId, 'Measure');
  const stuck = await ada.call.instance.get({ teamId, id });
  expect(stuck.status).toBe('Incident');
  expect(stuck.elements.at(-1)).toMatchObject({
    elementId: 'gate',
    status: 'Incident',
    incident: { code: 'condition-failed', flowId: 'large', message: expect.stringContaining('size') },
  });
  const { items } = await ada.call.instance.list({ teamId, filter: 'open' });
  expect(items).toMatchObject([{ status: 'Incident', incident: stuck.elements.at(-1)?.incident?.message }]);

  const version = () =>
    database.db
      .selectFrom('flow_element_instance')
      .select(sql<string>`xmin::text`.as('xmin'))
      .execute();
  const before = await version();
  await ada.call.instance.retry({ teamId, id });
  expect(await ada.call.instance.get({ teamId, id })).toEqual(stuck);
  expect(await version()).toEqual(before);
  await ada.call.instance.setVariables({ teamId, id, set: { size: 11 }, unset: ['note'] });
  await ada.call.instance.retry({ teamId, id });
  const done = await ada.call.instance.get({ teamId, id });
  expect(done).toMatchObject({ status: 'Completed', variables: { size: 11 } });
  expect(done.elements.find(({ elementId }) => elementId === 'gate')).toMatchObject({
    status: 'Completed',
    incident: null,
    completedBy: null,
  });
  await expect(ada.call.instance.retry({ teamId, id })).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
  });
});

test('what changes nothing is not written', async () => {
  await using database = await testDatabase();
  const { ada, teamId, modelId } = await exampleTeam(testServices(database.db));
  const { id } = await ada.call.instance.start({ teamId, modelId, variables: { b: 1, a: { z: 1, y: 2 } } });
  const version = () =>
    database.db
      .selectFrom('process_instance')
      .select(sql<string>`xmin::text`.as('xmin'))
      .execute();
  const before = await version();
  await ada.call.instance.setVariables({ teamId, id, set: { a: { z: 1, y: 2 } }, unset: ['unknown'] });
  expect(await version()).toEqual(before);
  await expect(
    ada.call.instance.setVariables({ teamId, id, set: { Amount: 'x' }, unset: [] }),
  ).rejects.toThrow('Amount');
  await expect(ada.call.instance.retry({ teamId, id })).rejects.toMatchObject({
    cause: { details: { code: 'nothing-to-retry' } },
  });
  expect(await version()).toEqual(before);
});

test('the list tells progress and whom it waits for, page by page', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, modelId, accounting } = await exampleTeam(testServices(database.db));
  const ids: number[] = [];
  for (let count = 0; count < 51; count++) {
    ids.unshift((await ada.call.instance.start({ teamId, modelId, variables: {} })).id);
  }
  const [task] = await bo.call.task.list({ teamId, filter: 'mine' });
  await bo.call.task.claim({ teamId, id: task!.id });
  await bo.call.task.complete({ teamId, id: task!.id, data: { Supplier: 'Pens', Amount: 5 }, choice: [] });
  const pay = await openTask(bo.call, teamId, 'Pay the invoice');
  await bo.call.task.claim({ teamId, id: pay.id });
  await ada.call.instance.cancel({ teamId, id: ids[0]! });

  const first = await ada.call.instance.list({ teamId, filter: 'all' });
  expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 50));
  expect(first.items[0]).toMatchObject({
    status: 'Cancelled',
    done: 0,
    total: 5,
    waitingFor: [],
    incident: null,
  });
  const second = await ada.call.instance.list({ teamId, filter: 'all', cursor: first.nextCursor });
  expect(second).toMatchObject({ nextCursor: null, items: [{ id: ids[50], done: 1, total: 5 }] });
  const role = { id: accounting, name: 'Accounting', colour: 'teal' };
  expect(second.items[0]).toMatchObject({
    modelId,
    modelName: 'Invoice approval',
    modelVersion: 1,
    startedBy: { name: 'Ada' },
    waitingFor: [
      { taskId: pay.id, name: 'Pay the invoice', role, claimedBy: { id: bo.id, name: 'Bo' } },
      { name: 'File the invoice', role, claimedBy: null },
    ],
  });
  const open = await ada.call.instance.list({ teamId, filter: 'open' });
  expect(open.items.map(({ id }) => id)).toEqual(ids.slice(1));
  const ended = await ada.call.instance.list({ teamId, filter: 'ended' });
  expect(ended.items.map(({ id }) => id)).toEqual(ids.slice(0, 1));
});

test('a role that is removed while a task is completed does not get in its way', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, modelId, management } = await exampleTeam(testServices(database.db));
  const { id } = await ada.call.instance.start({ teamId, modelId, variables: {} });
  await using removal = await holdLocks(
    database,
    `update flow_element set role_id = null where role_id = ${management}`,
    `delete from role where id = ${management}`,
  );
  const completing = complete(bo.call, teamId, 'Record the invoice', invoice);
  await removal.untilWaiting(1);
  await removal.open();
  await completing;
  const { elements } = await ada.call.instance.get({ teamId, id });
  expect(elements.at(-1)).toMatchObject({ elementId: 'approve', status: 'Active', role: null });
});

test('a removed person or role leaves what was done', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, modelId, accounting } = await exampleTeam(testServices(database.db));
  const { id } = await bo.call.instance.start({ teamId, modelId, variables: {} });
  await complete(bo.call, teamId, 'Record the invoice', { ...invoice, Amount: 5 });
  await ada.call.role.remove({ teamId, id: accounting, replaceBy: null });
  await database.db.deleteFrom('profile').where('id', '=', bo.id).execute();
  const instance = await ada.call.instance.get({ teamId, id });
  expect(instance.startedBy).toBeNull();
  expect(instance.elements[1]).toMatchObject({ status: 'Completed', completedBy: null, role: null });
});

describe.each(['A.1.0', 'A.2.0', 'A.2.1', 'C.1.1'])('%s, drawn elsewhere', (name) => {
  test('runs to its end, stored between every two steps', async () => {
    await using database = await testDatabase();
    const ada = await addPerson(testServices(database.db), 'Ada');
    const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
    const fixture = new URL(`./fixtures/${name}.bpmn`, import.meta.resolve('@processflow/engine'));
    const modelId = await deploy(ada.call, teamId, await readFile(fixture, 'utf8'));
    const { id } = await ada.call.instance.start({ teamId, modelId, variables: {} });
    for (let steps = 0; steps < 50; steps++) {
      const [task] = await ada.call.task.list({ teamId, filter: 'mine' });
      if (task === undefined) break;
      const { fields, choice } = await ada.call.task.get({ teamId, id: task.id });
      const data = Object.fromEntries(
        fields.map((field) => [field.name, field.type === 'boolean' ? true : (field.options?.[0] ?? 'yes')]),
      );
      await ada.call.task.complete({
        teamId,
        id: task.id,
        data,
        choice: choice === null ? [] : [choice.flows.at(-1)!.id],
      });
    }
    expect(await ada.call.instance.get({ teamId, id })).toMatchObject({ status: 'Completed' });
  });
});

async function complete(
  call: Caller,
  teamId: number,
  name: string,
  data: Record<string, string | number | boolean> = {},
): Promise<void> {
  const { id } = await openTask(call, teamId, name);
  await call.task.complete({ teamId, id, data, choice: [] });
}
