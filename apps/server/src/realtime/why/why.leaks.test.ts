import { expect, test } from 'vitest';

import { contextFor } from '../../context.ts';
import { appRouter } from '../../router.ts';
import { createCallerFactory } from '../../trpc.ts';
import { newest, rename, twoTeams } from './testing.ts';

const createCaller = createCallerFactory(appRouter);

test('of an address that is not the team’s it is not told whether somebody has it', async () => {
  await using world = await twoTeams();
  const { database, why, eve } = world;
  const seq = await rename(database);
  const nobody = 'nobody@example.com';
  for (const email of [eve.email, nobody]) {
    await expect(why(seq, { email })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `${email} is no address of this team: of none of its members, and it was not invited.`,
    });
    // Nor does another number make a difference.
    await expect(why(1, { email })).rejects.toMatchObject({ code: 'NOT_FOUND', message: /is no address/ });
  }
});

test('nor of one that was invited: both are answered alike', async () => {
  await using world = await twoTeams();
  const { database, why, ada, eve } = world;
  const addresses = [eve.email, 'nobody@example.com'];
  await rename(database);
  const answers = [];
  for (const email of addresses) {
    await ada.call.invitation.create({ teamId: 1, email });
    const seq = await newest(database, 'invitation_changes');
    const team = await newest(database, 'team_changes');
    const { person, rules, conclusion } = await why(seq, { email });
    const other = await why(team, { email });
    const text = JSON.stringify([person, rules.slice(1), conclusion, other.rules.slice(1), other.conclusion]);
    answers.push(text.replaceAll(email, 'X'));
    expect(person).toEqual({ kind: 'invited', name: email, email });
    expect(conclusion).toEqual({
      heard: 'unknown',
      text: `${email} would have heard it with an account that has verified this address and a page open; otherwise not.`,
    });
    expect(other.conclusion).toEqual({
      heard: 'no',
      text: `${email} did not hear it: they are invited, and hear only what is meant for their own address.`,
    });
  }
  expect(answers[0]).toBe(answers[1]);
});

test('who has left is known by the address that the team knew, and nothing of them since is told', async () => {
  await using world = await twoTeams();
  const { database, why } = world;
  const { db } = database;
  const bo = await world.add('Bo');
  await world.join(1, bo);
  const seq = await rename(database);
  await db.deleteFrom('profile_team').where('profile_id', '=', bo.id).execute();
  const told = await why(seq, bo);
  expect(told.person.kind).toBe('former-member');
  expect(told.conclusion).toMatchObject({ heard: 'unknown' });
  expect(JSON.stringify(told)).not.toMatch(/signed in|open on this server/);

  await db.updateTable('profile').set({ email: 'new@example.com' }).where('id', '=', bo.id).execute();
  await expect(why(seq, { email: 'new@example.com' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await why(seq, bo)).toEqual(told);
  await db.deleteFrom('profile').where('id', '=', bo.id).execute();
  expect(await why(seq, bo)).toEqual(told);
});

test('another team’s event is answered as one that never was; older and later ones as what they are', async () => {
  await using world = await twoTeams();
  const { database, why, ada } = world;
  const { db } = database;
  const first = await rename(database);
  const elsewhere = await rename(database, 2);
  const rolledBack = db.transaction().execute(async (trx) => {
    await trx.updateTable('team').set({ name: 'Never' }).execute();
    throw new Error('undone');
  });
  await expect(rolledBack).rejects.toThrow('undone');
  const last = await rename(database);
  const messages = [];
  for (const seq of [elsewhere, elsewhere + 1]) {
    const error: unknown = await why(seq, ada).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'NOT_FOUND' });
    messages.push(String(error).replaceAll(String(seq), 'N'));
  }
  expect(elsewhere + 1).toBeLessThan(last);
  expect(messages[0]).toBe(messages[1]);
  await expect(why(last + 1, ada)).rejects.toThrow(`No event has the number ${last + 1} yet.`);

  await db
    .updateTable('change_log_state')
    .set(({ selectFrom }) => ({
      pruned_below: selectFrom('change_log').where('id', '=', last).select('xid').$asScalar(),
    }))
    .execute();
  await expect(why(first, ada)).rejects.toThrow(
    new RegExp(
      `^The event ${first} is no longer in the log, which reaches back to .* UTC \\(event ${last}\\)\\.$`,
    ),
  );
  await db.deleteFrom('change_log').execute();
  await expect(why(last, ada)).rejects.toThrow('The log is empty');
});

test('how somebody signs in, an internal event, belongs to no team', async () => {
  await using world = await twoTeams();
  const { database, why, ada } = world;
  const seq = await newest(database, 'profile_changes');
  await rename(database);
  await expect(why(seq, ada)).rejects.toThrow(`${seq} is not an event of your team.`);
});

test('owners alone may ask, by token of that team alone', async () => {
  await using world = await twoTeams();
  const { database, services, ada, eve } = world;
  const bo = await world.add('Bo');
  await world.join(1, bo, [1]);
  const seq = await rename(database);
  const asked = { teamId: 1, seq, email: bo.email };
  await expect(bo.call.realtime.why(asked)).rejects.toMatchObject({ cause: { code: 'owners-only' } });
  await expect(eve.call.realtime.why(asked)).rejects.toMatchObject({ cause: { code: 'not-a-member' } });

  const { id } = await ada.call.token.create({ teamId: 1, name: 'CLI', days: null });
  const byToken = createCaller(contextFor(services, ada, { id, teamId: 1 }));
  expect(await byToken.realtime.why(asked)).toMatchObject({ event: { seq } });
  const ofOther = createCaller(contextFor(services, ada, { id, teamId: 2 }));
  await expect(ofOther.realtime.why(asked)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
