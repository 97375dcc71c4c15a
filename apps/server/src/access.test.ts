import { type Page, PAGES } from '@processflow/db';
import { testDatabase } from '@processflow/db/testing';
import { Revocation } from '@processflow/events/server';
import { type AnyProcedure, TRPCError } from '@trpc/server';
import { expect, test } from 'vitest';

import { contextFor, type Profile, type Services } from './context.ts';
import { Refusal } from './refusal.ts';
import { appRouter } from './router.ts';
import { addPerson, join, testServices } from './testing.ts';
import type { TokenScope } from './token/bearer.ts';
import { createCallerFactory } from './trpc.ts';

type Path = string;

/** Pages: members of whom a role opens one of these, and owners. */
type Access = 'anyone' | 'signed in' | 'member' | 'owner' | Page[];

/** Nothing has this id: who gets in is told that it is not there, and the world stays as it is. */
const NO_ID = 2_000_000_000;
const NOBODY = '00000000-0000-4000-8000-000000000000';

/** Who may call each procedure, with an input that gets past the checks of its form. */
const table: Record<Path, { access: Access; input?: object }> = {
  'profile.me': { access: 'signed in' },
  'team.mine': { access: 'signed in' },
  'team.create': { access: 'signed in', input: { name: 'Another' } },
  'team.rename': { access: 'owner', input: { name: 'Renamed' } },
  'team.leave': { access: 'member' },
  'team.remove': { access: 'owner', input: { name: 'something else' } },
  'member.list': { access: 'member' },
  'member.remove': { access: 'owner', input: { profileId: NOBODY } },
  'member.setOwner': { access: 'owner', input: { profileId: NOBODY, isOwner: true } },
  'member.setRoles': { access: 'owner', input: { profileId: NOBODY, roleIds: [] } },
  'role.list': { access: 'member' },
  'role.create': { access: 'owner', input: { name: 'New', colour: 'blue', pages: [] } },
  'role.update': { access: 'owner', input: { id: NO_ID } },
  'role.remove': { access: 'owner', input: { id: NO_ID } },
  'invitation.list': { access: ['invitations'] },
  'invitation.create': { access: ['invitations'], input: { email: 'somebody@example.com' } },
  'invitation.renew': { access: ['invitations'], input: { id: NO_ID } },
  'invitation.revoke': { access: ['invitations'], input: { id: NO_ID } },
  'invitation.mine': { access: 'signed in' },
  'invitation.look': { access: 'anyone', input: { secret: 'unknown' } },
  'invitation.accept': { access: 'signed in', input: { secret: 'unknown' } },
  'invitation.decline': { access: 'signed in', input: { secret: 'unknown' } },
  'model.list': { access: ['models', 'instances'] },
  'model.get': { access: ['models', 'instances'], input: { id: NO_ID } },
  'model.upload': { access: ['models'], input: { xml: 'not a model' } },
  'model.deploy': { access: ['models'], input: { id: NO_ID, roles: [] } },
  'model.remove': { access: ['models'], input: { id: NO_ID } },
  'model.example': { access: 'signed in' },
  'instance.start': { access: ['instances'], input: { modelId: NO_ID, variables: {} } },
  'instance.list': { access: ['instances'], input: { filter: 'all' } },
  'instance.get': { access: ['instances'], input: { id: NO_ID } },
  'instance.cancel': { access: ['instances'], input: { id: NO_ID } },
  'instance.setVariables': { access: ['instances'], input: { id: NO_ID, set: {}, unset: [] } },
  'instance.retry': { access: ['instances'], input: { id: NO_ID } },
  'task.list': { access: ['tasks'], input: { filter: 'all' } },
  'task.get': { access: ['tasks'], input: { id: NO_ID } },
  'task.claim': { access: ['tasks'], input: { id: NO_ID } },
  'task.release': { access: ['tasks'], input: { id: NO_ID } },
  'task.complete': { access: ['tasks'], input: { id: NO_ID, data: {}, choice: [] } },
  'token.list': { access: 'owner' },
  'token.create': { access: 'owner', input: { name: 'Reports', days: 30 } },
  'token.revoke': { access: 'owner', input: { id: NO_ID } },
  'realtime.changes': { access: 'signed in' },
  'realtime.probe': { access: 'member', input: { nonce: 'n', waitMs: 0 } },
  'realtime.why': { access: 'owner', input: { seq: NO_ID, email: 'nobody@example.com' } },
};

interface Actor {
  who: string;
  profile: Profile | null;
  token?: TokenScope;
  isMember: boolean;
  isOwner: boolean;
  pages: Page[];
}

const createCaller = createCallerFactory(appRouter);
const kept = new Error('rolled back: each call begins in the same world');

/** Whether this person gets past the checks of who they are. Every other end than a refusal is a fault. */
async function getsIn(
  services: Services,
  { profile, token }: Actor,
  path: Path,
  input: object,
): Promise<boolean> {
  let inside = true;
  const call = services.db.transaction().execute(async (trx) => {
    const caller = createCaller(contextFor({ ...services, db: trx }, profile, token));
    const [router = '', name = ''] = path.split('.');
    const procedures = Reflect.get(caller, router) as Record<string, (input: object) => Promise<unknown>>;
    try {
      const answer = await procedures[name]?.(input);
      // The session of a test is none that a stream could begin with; the token is.
      if (token !== undefined && isStream(answer)) await begin(answer);
    } catch (error) {
      inside = !isTurnedAway(error);
    }
    throw kept;
  });
  await expect(call).rejects.toBe(kept);
  return inside;
}

function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
}

async function begin(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) return;
}

function isTurnedAway(error: unknown): boolean {
  if (error instanceof TRPCError && error.code === 'UNAUTHORIZED') return true;
  if (error instanceof TRPCError && error.cause instanceof Revocation) return true;
  if (!(error instanceof TRPCError) || !(error.cause instanceof Refusal)) throw error;
  return ['not-a-member', 'page-closed', 'owners-only', 'token-refused'].includes(error.cause.code);
}

function isEntitled(access: Access, { profile, isMember, isOwner, pages }: Actor): boolean {
  if (access === 'anyone') return true;
  if (access === 'signed in') return profile !== null;
  if (access === 'member') return isMember;
  if (access === 'owner') return isOwner;
  return isOwner || access.some((page) => pages.includes(page));
}

test('the table has every procedure', () => {
  expect(Object.keys(table).toSorted()).toEqual(Object.keys(appRouter._def.procedures).toSorted());
});

test('every procedure lets in exactly those who are entitled', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  const owner = await addPerson(services, 'Owner');
  const stranger = await addPerson(services, 'Stranger');
  await stranger.call.team.create({ name: 'Elsewhere' });
  const { id: teamId } = await owner.call.team.create({ name: 'Here' });

  const actors: Actor[] = [
    { who: 'nobody', profile: null, isMember: false, isOwner: false, pages: [] },
    { who: 'stranger', profile: stranger, isMember: false, isOwner: false, pages: [] },
    { who: 'owner', profile: owner, isMember: true, isOwner: true, pages: [] },
  ];
  for (const pages of [[], ...PAGES.map((page) => [page])]) {
    const who = `member with ${pages.join() || 'no page'}`;
    const role = await owner.call.role.create({ teamId, name: who, colour: 'blue', pages });
    const profile = await addPerson(services, `Member-${pages.join() || 'none'}`);
    await join(services, teamId, profile, [role.id]);
    actors.push({ who, profile, isMember: true, isOwner: false, pages });
  }

  const found: Record<string, Record<string, boolean>> = {};
  const entitled: Record<string, Record<string, boolean>> = {};
  for (const [path, { access, input = {} }] of Object.entries(table)) {
    found[path] = {};
    entitled[path] = {};
    for (const actor of actors) {
      found[path][actor.who] = await getsIn(services, actor, path, { teamId, ...input });
      entitled[path][actor.who] = isEntitled(access, actor);
    }
  }
  expect(found).toEqual(entitled);
});

/** What an API token opens besides the reading of its own team. */
const openToTokens = ['team.mine', 'realtime.changes', 'realtime.probe'];

test('a token opens what reads its own team, nothing that writes or speaks of a person, and no other team', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  const owner = await addPerson(services, 'Owner');
  const { id: teamId } = await owner.call.team.create({ name: 'Here' });
  const { id: elsewhere } = await owner.call.team.create({ name: 'Elsewhere' });
  const { id } = await owner.call.token.create({ teamId, name: 'Reports', days: null });
  const token: TokenScope = { id, teamId };
  const actor: Actor = { who: 'token', profile: owner, token, isMember: true, isOwner: true, pages: [] };

  const procedures = appRouter._def.procedures as unknown as Record<Path, AnyProcedure>;
  const opened: Path[] = [];
  const openedElsewhere: Path[] = [];
  const readsTheTeam: Path[] = [];
  for (const [path, { access, input = {} }] of Object.entries(table)) {
    if (await getsIn(services, actor, path, { teamId, ...input })) opened.push(path);
    if (await getsIn(services, actor, path, { teamId: elsewhere, ...input })) openedElsewhere.push(path);
    const ofTeam = access !== 'anyone' && access !== 'signed in';
    if (ofTeam && procedures[path]?._def.type === 'query') readsTheTeam.push(path);
  }
  expect(opened.toSorted()).toEqual([...readsTheTeam, ...openToTokens].toSorted());
  // Whatever it is asked, it answers with the token's own.
  expect(openedElsewhere).toEqual(['team.mine']);

  const call = createCaller(contextFor(services, owner, token));
  expect(await call.team.mine()).toMatchObject([{ id: teamId }]);
  await expect(call.team.create({ name: 'x' })).rejects.toThrow('An API token only reads');
  await expect(call.profile.me()).rejects.toThrow('this speaks of a person');
  await expect(call.member.list({ teamId: elsewhere })).rejects.toThrow('does not open that team');
});

test('a token that may not write is refused before its input is looked at', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  const owner = await addPerson(services, 'Owner');
  const call = createCaller(contextFor(services, owner, { id: 1, teamId: 1 }));
  for (const path of Object.keys(table)) {
    const [router = '', name = ''] = path.split('.');
    const procedures = appRouter._def.procedures as unknown as Record<Path, AnyProcedure>;
    if (procedures[path]?._def.type !== 'mutation' || openToTokens.includes(path)) continue;
    const group = Reflect.get(call, router) as Record<string, (input: unknown) => Promise<unknown>>;
    await expect(group[name]?.('no input at all'), path).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'An API token only reads. Sign in to change something.',
    });
  }
});

test('a team that is not there answers as one that somebody is not in', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  const owner = await addPerson(services, 'Owner');
  await expect(owner.call.member.list({ teamId: NO_ID })).rejects.toMatchObject({
    code: 'FORBIDDEN',
    cause: { details: { code: 'not-a-member' } },
  });
});

test('an owner reaches nothing of another team through their own', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  const ada = await addPerson(services, 'Ada');
  const { id: teamId } = await ada.call.team.create({ name: 'Here' });
  const { id: roleId } = await ada.call.role.create({ teamId, name: 'Clerk', colour: 'blue', pages: [] });
  const { id: invitationId } = await ada.call.invitation.create({ teamId, email: 'bo@example.com' });
  const { id: tokenId } = await ada.call.token.create({ teamId, name: 'Reports', days: null });
  const draft = await ada.call.model.upload({ teamId, ...(await ada.call.model.example()) });
  const { id: modelId } = await ada.call.model.upload({ teamId, ...(await ada.call.model.example()) });
  const roles = ['Accounting', 'Management'].map((performer) => ({ performer, role: 'everyone' as const }));
  await ada.call.model.deploy({ teamId, id: modelId, roles });
  const { id: instanceId } = await ada.call.instance.start({ teamId, modelId, variables: {} });
  const [task] = await ada.call.task.list({ teamId, filter: 'all' });

  const eve = await addPerson(services, 'Eve');
  const { id: own } = await eve.call.team.create({ name: 'Elsewhere' });
  const { id: ownRole } = await eve.call.role.create({
    teamId: own,
    name: 'Clerk',
    colour: 'blue',
    pages: [],
  });
  const before = await snapshot();
  const { call } = eve;
  const taskId = task?.id ?? 0;
  const attempts: Record<string, () => Promise<unknown>> = {
    'member.remove': () => call.member.remove({ teamId: own, profileId: ada.id }),
    'member.setOwner': () => call.member.setOwner({ teamId: own, profileId: ada.id, isOwner: false }),
    'member.setRoles': () => call.member.setRoles({ teamId: own, profileId: ada.id, roleIds: [] }),
    'member.setRoles of another team': () =>
      call.member.setRoles({ teamId: own, profileId: eve.id, roleIds: [roleId] }),
    'role.update': () => call.role.update({ teamId: own, id: roleId, name: 'Mine' }),
    'role.remove': () => call.role.remove({ teamId: own, id: roleId, replaceBy: null }),
    'role.remove for another': () => call.role.remove({ teamId: own, id: ownRole, replaceBy: roleId }),
    'invitation.renew': () => call.invitation.renew({ teamId: own, id: invitationId }),
    'invitation.revoke': () => call.invitation.revoke({ teamId: own, id: invitationId }),
    'invitation.accept': () => call.invitation.accept({ id: invitationId }),
    'invitation.decline': () => call.invitation.decline({ id: invitationId }),
    'token.revoke': () => call.token.revoke({ teamId: own, id: tokenId }),
    'model.get': () => call.model.get({ teamId: own, id: modelId }),
    'model.deploy': () => call.model.deploy({ teamId: own, id: draft.id, roles }),
    'model.remove': () => call.model.remove({ teamId: own, id: draft.id }),
    'instance.start': () => call.instance.start({ teamId: own, modelId, variables: {} }),
    'instance.get': () => call.instance.get({ teamId: own, id: instanceId }),
    'instance.cancel': () => call.instance.cancel({ teamId: own, id: instanceId }),
    'instance.setVariables': () =>
      call.instance.setVariables({ teamId: own, id: instanceId, set: { Amount: 1 }, unset: [] }),
    'instance.retry': () => call.instance.retry({ teamId: own, id: instanceId }),
    'task.get': () => call.task.get({ teamId: own, id: taskId }),
    'task.claim': () => call.task.claim({ teamId: own, id: taskId }),
    'task.release': () => call.task.release({ teamId: own, id: taskId }),
    'task.complete': () => call.task.complete({ teamId: own, id: taskId, data: {}, choice: [] }),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    await expect(attempt(), name).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
  expect(await call.task.list({ teamId: own, filter: 'all' })).toEqual([]);
  expect((await call.instance.list({ teamId: own, filter: 'all' })).items).toEqual([]);
  expect(await call.model.list({ teamId: own })).toEqual([]);
  expect(await call.invitation.list({ teamId: own })).toEqual([]);
  expect(await call.token.list({ teamId: own })).toEqual([]);
  expect(await snapshot()).toEqual(before);

  async function snapshot(): Promise<unknown[]> {
    const tables = [
      'profile_team',
      'role',
      'invitation',
      'api_token',
      'process_model',
      'process_instance',
    ] as const;
    return Promise.all([
      ...tables.map((name) => database.db.selectFrom(name).selectAll().orderBy('id').execute()),
      database.db.selectFrom('flow_element_instance').selectAll().orderBy('id').execute(),
    ]);
  }
});
