import type { Database } from '@processflow/db';
import type {
  Change,
  Incident,
  InstanceState,
  InstanceStatus,
  OpenStatus,
  Variables,
} from '@processflow/engine';
import { sql, type Transaction } from 'kysely';

import { Refusal } from '../refusal.ts';

type Trx = Transaction<Database>;

/** The columns that a model's elements give to what happens at them. */
export type ElementColumns = ReadonlyMap<string, { id: number; roleId: number | null }>;

export interface LockedInstance {
  id: number;
  teamId: number;
  modelId: number;
  state: InstanceState;
}

/** The person whose completion brought the changes about, and the number of what they completed. */
export interface Actor {
  profileId: string;
  number: number;
}

const now = sql<Date>`now()`;
const openStatuses: OpenStatus[] = ['Active', 'Waiting', 'Incident'];
/** Rows of one INSERT; PostgreSQL takes 65,535 parameters a statement. */
const ROWS_AT_ONCE = 2000;

/** Takes the instance for this transaction alone: commands to one instance happen one after the other. */
export async function lockInstance(trx: Trx, teamId: number, id: number): Promise<LockedInstance> {
  const row = await trx
    .selectFrom('process_instance')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .select(['process_model_id', 'status', 'variables', 'next_number'])
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw instanceGone();
  // The rows are locked too, so that nobody claims what is being completed.
  const open = await trx
    .selectFrom('flow_element_instance as e')
    .innerJoin('flow_element as f', 'f.id', 'e.instance_of')
    .where('e.is_part_of', '=', id)
    .where('e.status', 'in', openStatuses)
    .select(['e.number', 'f.element_id', 'e.status', 'e.via', 'e.incident'])
    .orderBy('e.number')
    .forUpdate('e')
    .execute();
  return {
    id,
    teamId,
    modelId: row.process_model_id,
    state: {
      status: row.status,
      // Only the engine's own values are ever written to the two JSON columns.
      variables: row.variables as Variables,
      nextNumber: row.next_number,
      open: open.map((one) => ({
        number: one.number,
        elementId: one.element_id,
        status: one.status as OpenStatus,
        via: one.via,
        incident: one.incident as Incident | null,
      })),
    },
  };
}

export async function insertInstance(
  trx: Trx,
  { teamId, modelId, startedBy }: { teamId: number; modelId: number; startedBy: string },
  { status, variables, nextNumber }: InstanceState,
): Promise<{ id: number }> {
  return trx
    .insertInto('process_instance')
    .values({
      team_id: teamId,
      process_model_id: modelId,
      status,
      variables,
      next_number: nextNumber,
      started_by: startedBy,
      ended_at: isOver(status) ? now : null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
}

/** Writes the instance's own row where a step changed it. */
export async function updateInstance(
  trx: Trx,
  { id, state }: LockedInstance,
  next: InstanceState,
): Promise<void> {
  // The engine keeps what it does not change, so the same object means the same variables.
  const variables = next.variables === state.variables ? {} : { variables: next.variables };
  const changed = {
    ...variables,
    ...(next.status === state.status ? {} : { status: next.status }),
    ...(next.nextNumber === state.nextNumber ? {} : { next_number: next.nextNumber }),
    ...(isOver(next.status) ? { ended_at: now } : {}),
  };
  if (Object.keys(changed).length === 0) return;
  await trx.updateTable('process_instance').set(changed).where('id', '=', id).execute();
}

/** The ids and roles of the model's elements, by the ids they bear in the model. */
export async function readElements(trx: Trx, modelId: number): Promise<ElementColumns> {
  const rows = await trx
    .selectFrom('flow_element')
    .where('process_model_id', '=', modelId)
    .select(['id', 'element_id', 'role_id'])
    .execute();
  return new Map(rows.map((row) => [row.element_id, { id: row.id, roleId: row.role_id }]));
}

type Entered = Extract<Change, { type: 'enter' }>;

interface NewRow extends Omit<Entered, 'type' | 'status'> {
  status: Entered['status'] | 'Cancelled';
}

/** Writes what a step did to the elements: each row once, however often the step touched it. */
export async function writeElements(
  trx: Trx,
  { id, teamId }: { id: number; teamId: number },
  elements: ElementColumns,
  changes: readonly Change[],
  actor: Actor | null,
): Promise<void> {
  const entered = new Map<number, NewRow>();
  const cancelled: number[] = [];
  const rowOf = (number: number) =>
    trx.updateTable('flow_element_instance').where('is_part_of', '=', id).where('number', '=', number);

  for (const change of changes) {
    if (change.type === 'enter') {
      entered.set(change.number, change);
    } else if (change.type === 'leave') {
      const { number, status, taken } = change;
      const fresh = entered.get(number);
      if (fresh !== undefined) {
        entered.set(number, { ...fresh, status, taken, incident: null });
      } else if (status === 'Cancelled') {
        cancelled.push(number);
      } else {
        const completedBy = actor?.number === number ? actor.profileId : null;
        await rowOf(number)
          .set({ status, taken, incident: null, completed_by: completedBy, completed_at: now })
          .execute();
      }
    } else if (change.type === 'incident') {
      const { number, incident } = change;
      const fresh = entered.get(number);
      if (fresh !== undefined) entered.set(number, { ...fresh, status: 'Incident', incident });
      else
        await rowOf(number)
          .set({ status: 'Incident', incident: toJson(incident) })
          .execute();
    }
  }
  await cancelRows(trx, id, cancelled);

  const rows = [...entered.values()].map((row) => {
    const element = elements.get(row.elementId);
    if (element === undefined) throw new Error(`Instance ${id}: its model has no element ${row.elementId}`);
    return {
      team_id: teamId,
      instance_of: element.id,
      is_part_of: id,
      number: row.number,
      status: row.status,
      via: row.via,
      taken: row.taken,
      incident: row.incident === null ? null : toJson(row.incident),
      assigned_role_id: element.roleId,
      completed_at: row.status === 'Completed' || row.status === 'Cancelled' ? now : null,
    };
  });
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    await trx
      .insertInto('flow_element_instance')
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .execute();
  }
}

async function cancelRows(trx: Trx, id: number, numbers: number[]): Promise<void> {
  if (numbers.length === 0) return;
  await trx
    .updateTable('flow_element_instance')
    .set({ status: 'Cancelled', completed_at: now })
    .where('is_part_of', '=', id)
    .where('number', 'in', numbers)
    .execute();
}

function isOver(status: InstanceStatus): boolean {
  return status !== 'Running' && status !== 'Incident';
}

function toJson(incident: Incident) {
  return { ...incident };
}

export function instanceGone(): Refusal {
  return new Refusal({ code: 'not-found' }, 'This instance is no longer there.');
}
