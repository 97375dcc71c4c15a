import type { Database } from '@processflow/db';
import type { Variables } from '@processflow/engine';
import { type Kysely, sql, type Transaction } from 'kysely';

import { type Engine, perform, readModelOfInstance } from '../instance/commands.ts';
import { lockInstance } from '../instance/store.ts';
import type { Command } from '../member/command.ts';
import type { Membership } from '../member/queries.ts';
import { Refusal } from '../refusal.ts';
import { mayAct, taskGone } from './queries.ts';

export interface TaskActor {
  profileId: string;
  member: Membership;
}

/** Takes a task for oneself. */
export async function claimTask(trx: Transaction<Database>, actor: TaskActor, id: number): Promise<void> {
  const task = await lockTask(trx, actor.member.teamId, id);
  requireActable(task, actor);
  if (task.claimerId === actor.profileId) return;
  await trx
    .updateTable('flow_element_instance')
    .set({ claimed_by: actor.profileId, claimed_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

/** Gives a claimed task back; an owner may do so for someone who cannot. */
export async function releaseTask(trx: Transaction<Database>, actor: TaskActor, id: number): Promise<void> {
  const task = await lockTask(trx, actor.member.teamId, id);
  requireOpen(task);
  if (task.claimerId === null) return;
  if (task.claimerId !== actor.profileId && !actor.member.isOwner) throw taken(task);
  await trx
    .updateTable('flow_element_instance')
    .set({ claimed_by: null, claimed_at: null })
    .where('id', '=', id)
    .execute();
}

/** Completes a task with all that follows from it. Of two people who do so at once, one wins. */
export async function completeTask(
  { command, ...engine }: Engine & { command: Command },
  teamId: number,
  profileId: string,
  { id, data, choice }: { id: number; data: Variables; choice: string[] },
): Promise<void> {
  const instanceId = await readInstanceId(engine.db, teamId, id);
  const model = await readModelOfInstance(engine, teamId, instanceId);
  await command(async (trx, member) => {
    const instance = await lockInstance(trx, teamId, instanceId);
    const task = await lockTask(trx, teamId, id);
    requireActable(task, { profileId, member });
    const { number } = task;
    const by = { profileId, number };
    await perform(trx, model, instance, { type: 'complete', number, data, choice }, by);
  });
}

async function readInstanceId(db: Kysely<Database>, teamId: number, id: number): Promise<number> {
  const task = await db
    .selectFrom('flow_element_instance')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .select('is_part_of')
    .executeTakeFirst();
  if (task === undefined) throw taskGone();
  return task.is_part_of;
}

async function lockTask(trx: Transaction<Database>, teamId: number, id: number) {
  // Locked before it is read: a statement that waited sees the row anew, but not the names it joins.
  await trx
    .selectFrom('flow_element_instance')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .select('id')
    .forUpdate()
    .execute();
  const task = await trx
    .selectFrom('flow_element_instance as e')
    .innerJoin('flow_element as f', 'f.id', 'e.instance_of')
    .leftJoin('profile as claimer', 'claimer.id', 'e.claimed_by')
    .leftJoin('profile as completer', 'completer.id', 'e.completed_by')
    .where('e.team_id', '=', teamId)
    .where('e.id', '=', id)
    .where('f.kind', 'in', ['task', 'exclusive'])
    .select(['e.number', 'e.status', 'e.assigned_role_id as roleId', 'e.claimed_at', 'e.completed_at'])
    .select(['e.claimed_by as claimerId', 'claimer.name as claimerName', 'completer.name as completerName'])
    .executeTakeFirst();
  if (task === undefined) throw taskGone();
  return task;
}

type LockedTask = Awaited<ReturnType<typeof lockTask>>;

function requireActable(task: LockedTask, { member, profileId }: TaskActor): void {
  if (!mayAct(member, task.roleId)) {
    throw new Refusal({ code: 'not-yours' }, 'This task is for a role that you do not have.');
  }
  requireOpen(task);
  if (task.claimerId !== null && task.claimerId !== profileId) throw taken(task);
}

function requireOpen({ status, completerName, completed_at }: LockedTask): void {
  if (status !== 'Completed' && status !== 'Cancelled') return;
  const at = completed_at?.toISOString() ?? null;
  const message =
    status === 'Cancelled'
      ? 'This task was cancelled; nothing is left to do.'
      : `${completerName ?? 'Someone'} has completed this task already.`;
  throw new Refusal({ code: 'already-done', by: completerName, at }, message);
}

function taken({ claimerName, claimed_at }: LockedTask): Refusal {
  return new Refusal(
    { code: 'taken', by: claimerName, at: claimed_at?.toISOString() ?? null },
    `${claimerName ?? 'Someone else'} is working on this task.`,
  );
}
