import type { Database } from '@processflow/db';
import {
  type Field,
  type OpenStatus,
  type ProcessModel,
  type TaskChoice,
  taskForm,
  type Variables,
} from '@processflow/engine';
import type { Kysely } from 'kysely';

import { labelOf } from '../instance/label.ts';
import type { Membership } from '../member/queries.ts';
import { type Person, toPerson } from '../profile/person.ts';
import { Refusal } from '../refusal.ts';
import { type RoleTag, toRoleTag } from '../role/tag.ts';

const MOST_TASKS = 500;

export interface Task {
  id: number;
  name: string;
  elementId: string;
  /** A gateway whose way on a person chooses. */
  decision: boolean;
  /** The model meant a machine to do it; a person confirms that it is done. */
  automatic: boolean;
  instance: { id: number; modelName: string; modelVersion: number };
  /** Null: for every member. */
  role: RoleTag | null;
  claimedBy: Person | null;
  claimedAt: Date | null;
  startedAt: Date;
  /** Whether the person who asks may claim and complete it. */
  mayAct: boolean;
}

export interface TaskDetail extends Task {
  instance: Task['instance'] & {
    status: Database['process_instance']['status'];
    startedBy: Person | null;
    startedAt: Date;
  };
  status: OpenStatus | 'Completed' | 'Cancelled';
  documentation: string | null;
  fields: Field[];
  choice: TaskChoice | null;
  /** The instance's, as they are now. */
  variables: Variables;
  completedBy: Person | null;
  completedAt: Date | null;
  xml: string;
}

export type TaskFilter = 'mine' | 'all';

/** Open tasks, the oldest first and at most 500. Mine: for a role of mine or everyone, or claimed by me. */
export async function listTasks(
  db: Kysely<Database>,
  member: Membership,
  profileId: string,
  filter: TaskFilter,
): Promise<Task[]> {
  let query = tasks(db, member.teamId).where('e.status', '=', 'Active').orderBy('e.id').limit(MOST_TASKS);
  if (filter === 'mine') {
    query = query.where((eb) =>
      eb.or([
        eb('e.assigned_role_id', 'is', null),
        eb('e.claimed_by', '=', profileId),
        ...(member.roleIds.length > 0 ? [eb('e.assigned_role_id', 'in', member.roleIds)] : []),
      ]),
    );
  }
  return (await query.execute()).map((row) => toTask(row, member));
}

/** A task with what it asks for, whether it is open or done. */
export async function readTask(
  db: Kysely<Database>,
  member: Membership,
  id: number,
  readModel: (instanceId: number) => Promise<ProcessModel>,
): Promise<TaskDetail> {
  const row = await tasks(db, member.teamId)
    .innerJoin('process_instance as i', 'i.id', 'e.is_part_of')
    .leftJoin('profile as completer', 'completer.id', 'e.completed_by')
    .where('e.id', '=', id)
    .leftJoin('profile as starter', 'starter.id', 'i.started_by')
    .select(['i.variables', 'i.status as instanceStatus', 'i.started_at as instanceStartedAt'])
    .select(['starter.id as starterId', 'starter.name as starterName'])
    .select(['m.xml', 'completer.id as completerId', 'completer.name as completerName'])
    .executeTakeFirst();
  if (row === undefined) throw taskGone();
  const model = await readModel(row.instanceId);
  const { fields, choice } = taskForm(model, row.element_id);
  const task = toTask(row, member);
  return {
    ...task,
    instance: {
      ...task.instance,
      status: row.instanceStatus,
      startedBy: toPerson(row.starterId, row.starterName),
      startedAt: row.instanceStartedAt,
    },
    status: row.status,
    documentation: model.elements[row.element_id]?.documentation ?? null,
    fields,
    choice,
    // Only the engine's own values are ever written to this column.
    variables: row.variables as Variables,
    completedBy: toPerson(row.completerId, row.completerName),
    completedAt: row.completed_at,
    xml: row.xml,
  };
}

/** A task is for a role's members, for everyone without one, and always for owners. */
export function mayAct(member: Membership, roleId: number | null): boolean {
  return member.isOwner || roleId === null || member.roleIds.includes(roleId);
}

export function taskGone(): Refusal {
  return new Refusal({ code: 'not-found' }, 'This task is no longer there.');
}

function tasks(db: Kysely<Database>, teamId: number) {
  return db
    .selectFrom('flow_element_instance as e')
    .innerJoin('flow_element as f', 'f.id', 'e.instance_of')
    .innerJoin('process_model as m', 'm.id', 'f.process_model_id')
    .leftJoin('role as r', 'r.id', 'e.assigned_role_id')
    .leftJoin('profile as claimer', 'claimer.id', 'e.claimed_by')
    .where('e.team_id', '=', teamId)
    .where('f.kind', 'in', ['task', 'exclusive'])
    .select([
      'e.id',
      'e.status',
      'e.is_part_of as instanceId',
      'e.claimed_at',
      'e.started_at',
      'e.completed_at',
    ])
    .select([
      'f.element_id',
      'f.name',
      'f.kind',
      'f.automatic',
      'm.name as modelName',
      'm.version as modelVersion',
    ])
    .select(['r.id as roleId', 'r.name as roleName', 'r.colour as roleColour'])
    .select(['claimer.id as claimerId', 'claimer.name as claimerName']);
}

type TaskRow = Awaited<ReturnType<ReturnType<typeof tasks>['executeTakeFirstOrThrow']>>;

function toTask(row: TaskRow, member: Membership): Task {
  return {
    id: row.id,
    name: labelOf(row.kind, row.name),
    elementId: row.element_id,
    decision: row.kind === 'exclusive',
    automatic: row.automatic,
    instance: { id: row.instanceId, modelName: row.modelName, modelVersion: row.modelVersion },
    role: toRoleTag(row.roleId, row.roleName, row.roleColour),
    claimedBy: toPerson(row.claimerId, row.claimerName),
    claimedAt: row.claimed_at,
    startedAt: row.started_at,
    mayAct: row.status === 'Active' && mayAct(member, row.roleId),
  };
}
