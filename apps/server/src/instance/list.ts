import type { Database } from '@processflow/db';
import type { InstanceStatus } from '@processflow/engine';
import { type Kysely, sql } from 'kysely';

import { type Person, toPerson } from '../profile/person.ts';
import { type RoleTag, toRoleTag } from '../role/tag.ts';
import { labelOf } from './label.ts';

const PAGE_SIZE = 50;

export type InstanceFilter = 'open' | 'ended' | 'all';

export interface WaitingFor {
  taskId: number;
  name: string;
  role: RoleTag | null;
  claimedBy: Person | null;
  since: Date;
}

export interface InstanceSummary {
  id: number;
  modelId: number;
  modelName: string;
  modelVersion: number;
  status: InstanceStatus;
  startedBy: Person | null;
  startedAt: Date;
  endedAt: Date | null;
  /** Tasks of the model that were completed at least once. */
  done: number;
  /** Tasks of the model; not every run comes by all of them. */
  total: number;
  waitingFor: WaitingFor[];
  /** Why it is stuck, if it is. */
  incident: string | null;
}

export interface InstancePage {
  items: InstanceSummary[];
  nextCursor: number | null;
}

const statuses = {
  open: ['Running', 'Incident'],
  ended: ['Completed', 'Terminated', 'Cancelled'],
} satisfies Record<Exclude<InstanceFilter, 'all'>, InstanceStatus[]>;

/** The team's instances, the newest first; `cursor` is the last id of the page before. */
export async function listInstances(
  db: Kysely<Database>,
  teamId: number,
  filter: InstanceFilter,
  cursor: number | undefined,
): Promise<InstancePage> {
  let query = db
    .selectFrom('process_instance as i')
    .innerJoin('process_model as m', 'm.id', 'i.process_model_id')
    .leftJoin('profile as p', 'p.id', 'i.started_by')
    .where('i.team_id', '=', teamId)
    .select([
      'i.id',
      'i.status',
      'i.started_at',
      'i.ended_at',
      'm.id as modelId',
      'm.name as modelName',
      'm.version',
    ])
    .select(['p.id as starterId', 'p.name as starterName'])
    .select((eb) => [
      eb
        .selectFrom('flow_element as f')
        .whereRef('f.process_model_id', '=', 'i.process_model_id')
        .where('f.kind', '=', 'task')
        .select((count) => count.fn.countAll<number>().as('n'))
        .$asScalar()
        .$notNull()
        .as('total'),
      eb
        .selectFrom('flow_element_instance as e')
        .innerJoin('flow_element as f', 'f.id', 'e.instance_of')
        .whereRef('e.is_part_of', '=', 'i.id')
        .where('f.kind', '=', 'task')
        .where('e.status', '=', 'Completed')
        .select((count) => count.fn.count<number>('f.id').distinct().as('n'))
        .$asScalar()
        .$notNull()
        .as('done'),
    ])
    .orderBy('i.id', 'desc')
    .limit(PAGE_SIZE + 1);
  if (filter !== 'all') query = query.where('i.status', 'in', statuses[filter]);
  if (cursor !== undefined) query = query.where('i.id', '<', cursor);

  const rows = await query.execute();
  const page = rows.slice(0, PAGE_SIZE);
  const open = await listOpen(
    db,
    page.map((row) => row.id),
  );
  const items = page.map((row): InstanceSummary => {
    const own = open.filter((one) => one.instanceId === row.id);
    return {
      id: row.id,
      modelId: row.modelId,
      modelName: row.modelName,
      modelVersion: row.version,
      status: row.status,
      startedBy: toPerson(row.starterId, row.starterName),
      startedAt: row.started_at,
      endedAt: row.ended_at,
      done: row.done,
      total: row.total,
      waitingFor: own.filter((one) => one.status === 'Active').map((one) => one.waitingFor),
      incident: own.find((one) => one.status === 'Incident')?.incident ?? null,
    };
  });
  return { items, nextCursor: rows.length > PAGE_SIZE ? (page.at(-1)?.id ?? null) : null };
}

/** What waits for people in these instances, and what is stuck. */
async function listOpen(db: Kysely<Database>, instanceIds: number[]) {
  if (instanceIds.length === 0) return [];
  const rows = await db
    .selectFrom('flow_element_instance as e')
    .innerJoin('flow_element as f', 'f.id', 'e.instance_of')
    .leftJoin('role as r', 'r.id', 'e.assigned_role_id')
    .leftJoin('profile as p', 'p.id', 'e.claimed_by')
    .where('e.is_part_of', 'in', instanceIds)
    .where('e.status', 'in', ['Active', 'Incident'])
    .select(['e.id', 'e.is_part_of', 'e.status', 'e.started_at', 'f.name', 'f.kind'])
    .select(['r.id as roleId', 'r.name as roleName', 'r.colour as roleColour'])
    .select([
      'p.id as claimerId',
      'p.name as claimerName',
      sql<string | null>`e.incident ->> 'message'`.as('incident'),
    ])
    .orderBy('e.id')
    .execute();
  return rows.map((row) => ({
    instanceId: row.is_part_of,
    status: row.status,
    incident: row.incident,
    waitingFor: {
      taskId: row.id,
      name: labelOf(row.kind, row.name),
      role: toRoleTag(row.roleId, row.roleName, row.roleColour),
      claimedBy: toPerson(row.claimerId, row.claimerName),
      since: row.started_at,
    },
  }));
}
