import { testDatabase } from '@processflow/db/testing';
import { expect, test } from 'vitest';

import { addPerson, callerOf, join, testServices } from '../testing.ts';

async function world(database: Awaited<ReturnType<typeof testDatabase>>) {
  const services = testServices(database.db);
  const ada = await addPerson(services, 'Ada');
  const bo = await addPerson(services, 'Bo');
  const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
  const expire = () => database.pool.query(`update invitation set expires_at = now() - interval '1 second'`);
  return { services, ada, bo, teamId, expire };
}

test('a verified person sees their invitation and joins by its id', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId } = await world(database);
  const { id } = await ada.call.invitation.create({ teamId, email: ' BO@Example.com ' });
  const week = 7 * 24 * 60 * 60 * 1000;
  const [mine] = await bo.call.invitation.mine();
  expect(mine).toMatchObject({ id, teamId, teamName: 'Demo', invitedBy: { id: ada.id, name: 'Ada' } });
  expect(mine!.expiresAt.getTime() - mine!.createdAt.getTime()).toBe(week);

  expect(await bo.call.invitation.accept({ id })).toEqual({ teamId });
  expect(await bo.call.team.mine()).toMatchObject([{ id: teamId, isOwner: false, roleIds: [] }]);
  expect(await bo.call.invitation.mine()).toEqual([]);
  expect(await ada.call.invitation.list({ teamId })).toMatchObject([
    { id, email: 'bo@example.com', status: 'Accepted', expired: false, answeredAt: expect.any(Date) },
  ]);
});

test('an unverified address sees nothing, and needs the link', async () => {
  await using database = await testDatabase();
  const { services, ada, teamId } = await world(database);
  const eve = await addPerson(services, 'Eve', { emailVerified: false });
  const { id, secret } = await ada.call.invitation.create({ teamId, email: eve.email });
  expect(await eve.call.invitation.mine()).toEqual([]);
  for (const answer of [eve.call.invitation.accept, eve.call.invitation.decline]) {
    await expect(answer({ id })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      cause: { details: { code: 'email-unverified' } },
    });
  }
  expect(await eve.call.invitation.accept({ secret })).toEqual({ teamId });
});

test('by id it is for the invited address alone', async () => {
  await using database = await testDatabase();
  const { services, ada, bo, teamId } = await world(database);
  const { id } = await ada.call.invitation.create({ teamId, email: bo.email });
  const cleo = await addPerson(services, 'Cleo');
  for (const answer of [cleo.call.invitation.accept, cleo.call.invitation.decline]) {
    await expect(answer({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
});

test('the link lets anyone in who is signed in, once', async () => {
  await using database = await testDatabase();
  const { services, ada, bo, teamId } = await world(database);
  const cleo = await addPerson(services, 'Cleo');
  const { secret } = await ada.call.invitation.create({ teamId, email: 'someone@elsewhere.example' });
  await expect(callerOf(services, null).invitation.accept({ secret })).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
  });
  expect(await cleo.call.invitation.accept({ secret })).toEqual({ teamId });
  await expect(bo.call.invitation.accept({ secret })).rejects.toMatchObject({
    cause: { details: { code: 'invitation-used' } },
  });
});

test('of two people who use one link at once, one joins', async () => {
  await using database = await testDatabase();
  const { services, ada, bo, teamId } = await world(database);
  const cleo = await addPerson(services, 'Cleo');
  const { secret } = await ada.call.invitation.create({ teamId, email: bo.email });
  const results = await Promise.allSettled([
    bo.call.invitation.accept({ secret }),
    cleo.call.invitation.accept({ secret }),
  ]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(await ada.call.member.list({ teamId })).toHaveLength(2);
});

test('a member who tries the link does not use it up', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId } = await world(database);
  const { secret } = await ada.call.invitation.create({ teamId, email: bo.email });
  await expect(ada.call.invitation.accept({ secret })).rejects.toMatchObject({
    code: 'CONFLICT',
    cause: { details: { code: 'already-member' } },
  });
  expect(await bo.call.invitation.accept({ secret })).toEqual({ teamId });
});

test('anyone who holds the link may look at it', async () => {
  await using database = await testDatabase();
  const { services, ada, teamId, expire } = await world(database);
  const { id, secret } = await ada.call.invitation.create({ teamId, email: 'new@example.com' });
  const nobody = callerOf(services, null);
  const seen = {
    id,
    teamName: 'Demo',
    email: 'new@example.com',
    invitedBy: { id: ada.id, name: 'Ada' },
    status: 'Pending',
    expired: false,
  };
  expect(await nobody.invitation.look({ secret })).toEqual(seen);
  await expire();
  expect(await nobody.invitation.look({ secret })).toEqual({ ...seen, expired: true });
  await expect(nobody.invitation.look({ secret: `${secret}x` })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('inviting an address again renews the invitation, and only the newest link works', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, expire } = await world(database);
  const first = await ada.call.invitation.create({ teamId, email: bo.email });
  await expire();
  const second = await ada.call.invitation.create({ teamId, email: bo.email.toUpperCase() });
  expect(second.id).toBe(first.id);
  await expect(bo.call.invitation.accept({ secret: first.secret })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  const third = await ada.call.invitation.renew({ teamId, id: first.id });
  await expect(bo.call.invitation.accept({ secret: second.secret })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  expect(await bo.call.invitation.accept({ secret: third.secret })).toEqual({ teamId });
});

test('two who invite one address at once make one invitation', async () => {
  await using database = await testDatabase();
  const { ada, teamId } = await world(database);
  const invite = () => ada.call.invitation.create({ teamId, email: 'new@example.com' });
  const [one, two] = await Promise.all([invite(), invite()]);
  expect(one.id).toBe(two.id);
});

test('a member is not invited', async () => {
  await using database = await testDatabase();
  const { services, ada, bo, teamId } = await world(database);
  await join(services, teamId, bo);
  await expect(ada.call.invitation.create({ teamId, email: 'Bo@example.com' })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('Bo (bo@example.com) is a member'),
  });
});

test('an expired invitation says so, and shows no more', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId, expire } = await world(database);
  const { id, secret } = await ada.call.invitation.create({ teamId, email: bo.email });
  await expire();
  expect(await bo.call.invitation.mine()).toEqual([]);
  const expired = { code: 'PRECONDITION_FAILED', cause: { details: { code: 'invitation-expired' } } };
  await expect(bo.call.invitation.accept({ id })).rejects.toMatchObject(expired);
  await expect(bo.call.invitation.accept({ secret })).rejects.toMatchObject(expired);
  expect(await ada.call.invitation.list({ teamId })).toMatchObject([{ status: 'Pending', expired: true }]);
});

test('a revoked or declined invitation says so', async () => {
  await using database = await testDatabase();
  const { ada, bo, teamId } = await world(database);
  const revoked = await ada.call.invitation.create({ teamId, email: bo.email });
  await ada.call.invitation.revoke({ teamId, id: revoked.id });
  await ada.call.invitation.revoke({ teamId, id: revoked.id });
  await expect(bo.call.invitation.accept(revoked)).rejects.toMatchObject({
    cause: { details: { code: 'invitation-revoked' } },
  });
  const declined = await ada.call.invitation.create({ teamId, email: bo.email });
  await bo.call.invitation.decline({ id: declined.id });
  await expect(bo.call.invitation.accept({ secret: declined.secret })).rejects.toMatchObject({
    cause: { details: { code: 'invitation-declined' } },
  });
  await expect(ada.call.invitation.renew({ teamId, id: declined.id })).rejects.toMatchObject({
    cause: { details: { code: 'invitation-declined' } },
  });
});

test('the secret is kept as a hash alone', async () => {
  await using database = await testDatabase();
  const { ada, teamId } = await world(database);
  const { secret } = await ada.call.invitation.create({ teamId, email: 'new@example.com' });
  expect(secret).toMatch(/^[\w-]{43}$/u);
  const { rows } = await database.pool.query('select invitation::text as row, secret_hash from invitation');
  expect(rows[0].row).not.toContain(secret);
  expect(rows[0].secret_hash).toMatch(/^[0-9a-f]{64}$/u);
});

test.each(['', 'nobody', 'a@b', 'a b@example.com', `${'x'.repeat(320)}@example.com`])(
  '%j is no address',
  async (email) => {
    await using database = await testDatabase();
    const { ada, teamId } = await world(database);
    await expect(ada.call.invitation.create({ teamId, email })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  },
);
