import type { Database } from '@processflow/db';
import type { ElementKind, Incident, InstanceStatus, OpenStatus, Variables } from '@processflow/engine';
import type { Kysely } from 'kysely';

import { type Person, toPerson } from '../profile/person.ts';
import { type RoleTag, toRoleTag } from '../role/tag.ts';
import { labelOf } from './label.ts';
import { instanceGone } from './store.ts';

export interface ElementInstance {
  id: number;
  /** Counted within the instance, in the order things happened. */
  number: number;
  elementId: string;
  name: string;
  kind: ElementKind;
  automatic: boolean;
  status: OpenStatus | 'Completed' | 'Cancelled';
  startedAt: Date;
  completedAt: Date | null;
  /** Null for what nobody had to do, such as a gateway passed. */
  completedBy: Person | null;
  claimedBy: Person | null;
  role: RoleTag | null;
  incident: Incident | null;
}

export interface Instance {
  id: number;
  status: InstanceStatus;
  model: { id: number; name: string; version: number; xml: string };
  variables: Variables;
  startedBy: Person | null;
  startedAt: Date;
  endedAt: Date | null;
  elements: ElementInstance[];
  /** Ids of the sequence flows that tokens went along. */
  takenFlows: string[];
}

/** One instance with all that happened in it. */
export async function readInstance(db: Kysely<Database>, teamId: number, id: number): Promise<Instance> {
  const row = await db
    .selectFrom('process_instance as i')
    .innerJoin('process_model as m', 'm.id', 'i.process_model_id')
    .leftJoin('profile as p', 'p.id', 'i.started_by')
    .where('i.team_id', '=', teamId)
    .where('i.id', '=', id)
    .select([
      'i.id',
      'i.status',
      'i.variables',
      'i.started_at',
      'i.ended_at',
      'm.id as modelId',
      'm.name',
      'm.version',
    ])
    .select(['m.xml', 'p.id as starterId', 'p.name as starterName'])
    .executeTakeFirst();
  if (row === undefined) throw instanceGone();
  const elements = await listElements(db, id);
  return {
    id: row.id,
    status: row.status,
    model: { id: row.modelId, name: row.name, version: row.version, xml: row.xml },
    variables: row.variables as Variables,
    startedBy: toPerson(row.starterId, row.starterName),
    startedAt: row.started_at,
    endedAt: row.ended_at,
    elements: elements.map(({ via: _via, taken: _taken, ...element }) => element),
    takenFlows: [...new Set(elements.flatMap(({ via, taken }) => (via === null ? taken : [via, ...taken])))],
  };
}

interface ElementWithFlows extends ElementInstance {
  via: string | null;
  taken: string[];
}

async function listElements(db: Kysely<Database>, instanceId: number): Promise<ElementWithFlows[]> {
  const rows = await db
    .selectFrom('flow_element_instance as e')
    .innerJoin('flow_element as f', 'f.id', 'e.instance_of')
    .leftJoin('role as r', 'r.id', 'e.assigned_role_id')
    .leftJoin('profile as claimer', 'claimer.id', 'e.claimed_by')
    .leftJoin('profile as completer', 'completer.id', 'e.completed_by')
    .where('e.is_part_of', '=', instanceId)
    .select([
      'e.id',
      'e.number',
      'e.status',
      'e.started_at',
      'e.completed_at',
      'e.incident',
      'e.via',
      'e.taken',
    ])
    .select(['f.element_id', 'f.name', 'f.kind', 'f.automatic'])
    .select(['r.id as roleId', 'r.name as roleName', 'r.colour as roleColour'])
    .select(['claimer.id as claimerId', 'claimer.name as claimerName'])
    .select(['completer.id as completerId', 'completer.name as completerName'])
    .orderBy('e.number')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    number: row.number,
    elementId: row.element_id,
    name: labelOf(row.kind, row.name),
    kind: row.kind,
    automatic: row.automatic,
    status: row.status,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    completedBy: toPerson(row.completerId, row.completerName),
    claimedBy: toPerson(row.claimerId, row.claimerName),
    role: toRoleTag(row.roleId, row.roleName, row.roleColour),
    incident: row.incident as Incident | null,
    via: row.via,
    taken: row.taken,
  }));
}
