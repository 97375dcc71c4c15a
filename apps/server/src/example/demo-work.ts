import type { Database } from '@processflow/db';
import { sql, type Transaction } from 'kysely';

import type { Context } from '../context.ts';
import { appRouter } from '../router.ts';
import { createCallerFactory } from '../trpc.ts';

const createCaller = createCallerFactory(appRouter);
type Caller = ReturnType<typeof createCaller>;

/** Teams, roles and invoices at different points, made by the same procedures that people use. */
export async function seedDemoWork(
  trx: Transaction<Database>,
  people: { ada: Context; bo: Context; cleo: Context },
): Promise<void> {
  const [ada, bo, cleo] = [createCaller(people.ada), createCaller(people.bo), createCaller(people.cleo)];
  const [adaId, boId] = [profileId(people.ada), profileId(people.bo)];
  const { id: teamId } = await ada.team.create({ name: 'Demo' });
  await cleo.team.create({ name: 'Other' });

  const { id: accounting } = await ada.role.create({
    teamId,
    name: 'Accounting',
    colour: 'teal',
    pages: ['tasks', 'instances'],
  });
  const { id: management } = await ada.role.create({
    teamId,
    name: 'Management',
    colour: 'grape',
    pages: ['tasks', 'instances', 'models', 'invitations'],
  });
  await trx.insertInto('profile_team').values({ team_id: teamId, profile_id: boId }).execute();
  await ada.member.setRoles({ teamId, profileId: boId, roleIds: [accounting] });
  await ada.member.setRoles({ teamId, profileId: adaId, roleIds: [management] });

  const { id: modelId } = await ada.model.upload({ teamId, ...(await ada.model.example()) });
  await ada.model.deploy({
    teamId,
    id: modelId,
    roles: [
      { performer: 'Accounting', role: { use: accounting } },
      { performer: 'Management', role: { use: management } },
    ],
  });

  const paid = await ada.instance.start({ teamId, modelId, variables: {} });
  await completeAs(bo, teamId, 'Record the invoice', { Supplier: 'Paper & Pens', Amount: 84.5 });
  await completeAs(bo, teamId, 'Pay the invoice', { 'Paid on': daysFromToday(-1) });
  await completeAs(bo, teamId, 'File the invoice', {});

  const waitsForAda = await bo.instance.start({ teamId, modelId, variables: {} });
  const large = { Supplier: 'Desk Makers', Amount: 4200, 'Due on': daysFromToday(12) };
  await completeAs(bo, teamId, 'Record the invoice', large);

  const halfDone = await ada.instance.start({ teamId, modelId, variables: {} });
  const small = { Supplier: 'Green Coffee', Amount: 310, 'Due on': daysFromToday(5) };
  await completeAs(bo, teamId, 'Record the invoice', small);
  await completeAs(bo, teamId, 'File the invoice', {});

  await ada.instance.start({ teamId, modelId, variables: { Supplier: 'Blue Cloud Hosting' } });

  await letHappenEarlier(trx, [
    { id: paid.id, hours: 50 },
    { id: waitsForAda.id, hours: 26 },
    { id: halfDone.id, hours: 3 },
  ]);
}

/** Completes the one open task of this name. */
async function completeAs(
  person: Caller,
  teamId: number,
  name: string,
  data: Record<string, string | number>,
): Promise<void> {
  const tasks = await person.task.list({ teamId, filter: 'mine' });
  const task = tasks.find((one) => one.name === name);
  if (task === undefined) throw new Error(`The demo has no open task “${name}”`);
  await person.task.complete({ teamId, id: task.id, data, choice: [] });
}

/** A transaction has one time for all it does, but what people did before today did not happen at once. */
async function letHappenEarlier(
  trx: Transaction<Database>,
  instances: { id: number; hours: number }[],
): Promise<void> {
  for (const { id, hours } of instances) {
    const begin = sql<Date>`now() - make_interval(hours => ${hours})`;
    const later = sql<Date>`${begin} + number * interval '10 minutes'`;
    await trx
      .updateTable('flow_element_instance')
      .set({
        started_at: later,
        completed_at: sql<Date | null>`case when completed_at is not null then ${later} + interval '5 minutes' end`,
      })
      .where('is_part_of', '=', id)
      .execute();
    await trx
      .updateTable('process_instance')
      .set({
        started_at: begin,
        ended_at: sql<Date | null>`case when ended_at is not null then ${begin} + interval '2 hours' end`,
      })
      .where('id', '=', id)
      .execute();
  }
}

function daysFromToday(days: number): string {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

function profileId({ profile }: Context): string {
  if (profile === null) throw new Error('The demo acts for people who are signed in');
  return profile.id;
}
