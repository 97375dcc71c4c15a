import { testDatabase } from '@processflow/db/testing';
import { expect, test } from 'vitest';

import { addPerson, join, testServices } from '../testing.ts';

async function team(database: Awaited<ReturnType<typeof testDatabase>>) {
  const services = testServices(database.db);
  const ada = await addPerson(services, 'Ada');
  const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
  return { services, ada, teamId, call: ada.call, example: await ada.call.model.example() };
}

const everyone = ['Accounting', 'Management'].map((performer) => ({ performer, role: 'everyone' as const }));

/** Readable BPMN that cannot run: a timer event. */
const withTimer = `<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
  <process id="p" name=" Wait &#10; a while "><startEvent id="s" /><sequenceFlow id="f" sourceRef="s" targetRef="t" />
    <intermediateCatchEvent id="t" name="One day"><timerEventDefinition /></intermediateCatchEvent>
    <sequenceFlow id="g" sourceRef="t" targetRef="e" /><endEvent id="e" /></process>
</definitions>`;

test('uploads of one name are its versions, the newest first', async () => {
  await using database = await testDatabase();
  const { call, teamId, example, ada } = await team(database);
  const first = await call.model.upload({ teamId, ...example });
  const second = await call.model.upload({ teamId, ...example });
  await call.model.upload({ teamId, name: 'Other', xml: example.xml });
  expect([first.version, second.version]).toEqual([1, 2]);
  const models = await call.model.list({ teamId });
  expect(models.map(({ name, version }) => [name, version])).toEqual([
    ['Other', 1],
    ['Invoice approval', 2],
    ['Invoice approval', 1],
  ]);
  expect(models[0]).toMatchObject({
    status: 'Draft',
    uploadedBy: { id: ada.id, name: 'Ada' },
    deployedAt: null,
    instances: 0,
  });
});

test('two who upload the same name at once get two versions', async () => {
  await using database = await testDatabase();
  const { call, teamId, example } = await team(database);
  const uploads = await Promise.all([1, 2, 3].map(() => call.model.upload({ teamId, ...example })));
  expect(new Set(uploads.map(({ version }) => version))).toEqual(new Set([1, 2, 3]));
});

test('without a name given, the process says its own', async () => {
  await using database = await testDatabase();
  const { call, teamId } = await team(database);
  await call.model.upload({ teamId, xml: withTimer });
  expect(await call.model.list({ teamId })).toMatchObject([{ name: 'Wait a while', version: 1 }]);
});

test.each([
  ['hello', /./u],
  ['<a></b>', /./u],
  ['', /./u],
  ['\0', /not text/u],
  [`<!-- ${'x'.repeat(2_000_000)} -->`, /larger than/u],
])('%.20j is refused with the reason', async (xml, reason) => {
  await using database = await testDatabase();
  const { call, teamId } = await team(database);
  await expect(call.model.upload({ teamId, xml })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringMatching(reason),
  });
  expect(await call.model.list({ teamId })).toEqual([]);
});

test('a model with problems is kept as a draft and not deployed', async () => {
  await using database = await testDatabase();
  const { call, teamId } = await team(database);
  const { id, problems } = await call.model.upload({ teamId, xml: withTimer });
  expect(problems).toMatchObject([{ elementId: 't', elementName: 'One day' }]);
  expect(await call.model.get({ teamId, id })).toMatchObject({ status: 'Draft', xml: withTimer, problems });
  await expect(call.model.deploy({ teamId, id, roles: [] })).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
    message: expect.stringContaining('One day'),
    cause: { details: { code: 'not-deployable', problems } },
  });
});

test('performers are matched to roles by name, whatever its case', async () => {
  await using database = await testDatabase();
  const { call, teamId, example } = await team(database);
  const role = await call.role.create({ teamId, name: 'ACCOUNTING', colour: 'blue', pages: ['tasks'] });
  const { id } = await call.model.upload({ teamId, ...example });
  const { performers } = await call.model.get({ teamId, id });
  expect(performers).toEqual([
    { name: 'Accounting', elementIds: ['record', 'pay', 'file'], roleId: role.id, everyone: false },
    { name: 'Management', elementIds: ['approve', 'reject'], roleId: null, everyone: false },
  ]);
});

test('every performer must be assigned', async () => {
  await using database = await testDatabase();
  const { call, teamId, example } = await team(database);
  const { id } = await call.model.upload({ teamId, ...example });
  await expect(call.model.deploy({ teamId, id, roles: everyone.slice(0, 1) })).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
    cause: { details: { code: 'performers-unassigned', performers: ['Management'] } },
  });
  expect(await call.model.get({ teamId, id })).toMatchObject({ status: 'Draft' });
});

test('deploying uses a role, creates a missing one or leaves it to everyone', async () => {
  await using database = await testDatabase();
  const { call, teamId, example } = await team(database);
  const { id } = await call.model.upload({ teamId, ...example });
  await call.model.deploy({
    teamId,
    id,
    roles: [
      { performer: 'Accounting', role: { create: 'Accounting' } },
      { performer: 'Management', role: 'everyone' },
    ],
  });
  const roles = await call.role.list({ teamId });
  expect(roles).toMatchObject([{ name: 'Accounting', pages: ['tasks'], memberCount: 0 }]);
  const model = await call.model.get({ teamId, id });
  expect(model).toMatchObject({ status: 'Deployed', deployedAt: expect.any(Date), problems: [] });
  expect(model.performers).toEqual([
    { name: 'Accounting', elementIds: ['record', 'pay', 'file'], roleId: roles[0]!.id, everyone: false },
    { name: 'Management', elementIds: ['approve', 'reject'], roleId: null, everyone: true },
  ]);
  const elements = await database.db.selectFrom('flow_element').selectAll().execute();
  expect(elements).toHaveLength(13);
  await expect(call.model.deploy({ teamId, id, roles: everyone })).rejects.toMatchObject({
    code: 'CONFLICT',
    cause: { details: { code: 'already-deployed' } },
  });
});

test('a role to create that is there already is used', async () => {
  await using database = await testDatabase();
  const { call, teamId, example } = await team(database);
  const { id } = await call.model.upload({ teamId, ...example });
  const created = ['Accounting', 'Management'].map((performer) => ({ performer, role: { create: 'staff' } }));
  await call.role.create({ teamId, name: 'Staff', colour: 'blue', pages: [] });
  await call.model.deploy({ teamId, id, roles: created });
  expect((await call.role.list({ teamId })).map(({ name }) => name)).toEqual(['Staff']);
});

test('a role that is gone meanwhile deploys nothing', async () => {
  await using database = await testDatabase();
  const { call, teamId, example } = await team(database);
  const { id } = await call.model.upload({ teamId, ...example });
  const roles = ['Accounting', 'Management'].map((performer) => ({ performer, role: { use: 12_345 } }));
  await expect(call.model.deploy({ teamId, id, roles })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await database.db.selectFrom('flow_element').selectAll().execute()).toEqual([]);
});

test('a model that was started stays; another goes', async () => {
  await using database = await testDatabase();
  const { call, teamId, example } = await team(database);
  const started = await call.model.upload({ teamId, ...example });
  const other = await call.model.upload({ teamId, ...example });
  await call.model.deploy({ teamId, id: started.id, roles: everyone });
  await call.instance.start({ teamId, modelId: started.id, variables: {} });
  await expect(call.model.remove({ teamId, id: started.id })).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
    message: expect.stringContaining('started once'),
    cause: { details: { code: 'has-instances' } },
  });
  await call.model.remove({ teamId, id: other.id });
  expect(await call.model.list({ teamId })).toMatchObject([{ id: started.id, instances: 1 }]);
});

test('who opens instances alone reads models and changes none', async () => {
  await using database = await testDatabase();
  const { services, call, teamId, example } = await team(database);
  const bo = await addPerson(services, 'Bo');
  const role = await call.role.create({ teamId, name: 'Clerk', colour: 'blue', pages: ['instances'] });
  await join(services, teamId, bo, [role.id]);
  await call.model.upload({ teamId, ...example });
  expect(await bo.call.model.list({ teamId })).toHaveLength(1);
  await expect(bo.call.model.upload({ teamId, ...example })).rejects.toThrow(
    'None of your roles opens Models.',
  );
});
