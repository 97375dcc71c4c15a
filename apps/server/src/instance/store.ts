import { isDeepStrictEqual } from 'node:util';

import type { Database } from '@processflow/db';
import type { Incident, InstanceState, InstanceStatus, OpenStatus, Variables } from '@processflow/engine';
import { sql, type Transaction } from 'kysely';

import { Refusal } from '../refusal.ts';

type Trx = Transaction<Database>;

export interface LockedInstance {
  id: number;
  teamId: number;
  modelId: number;
  state: InstanceState;
}

const now = sql<Date>`now()`;
const openStatuses: OpenStatus[] = ['Active', 'Waiting', 'Incident'];

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
  const changed = {
    ...(isDeepStrictEqual(next.variables, state.variables) ? {} : { variables: next.variables }),
    ...(next.status === state.status ? {} : { status: next.status }),
    ...(next.nextNumber === state.nextNumber ? {} : { next_number: next.nextNumber }),
    ...(isOver(next.status) ? { ended_at: now } : {}),
  };
  if (Object.keys(changed).length === 0) return;
  await trx.updateTable('process_instance').set(changed).where('id', '=', id).execute();
}

function isOver(status: InstanceStatus): boolean {
  return status !== 'Running' && status !== 'Incident';
}

export function instanceGone(): Refusal {
  return new Refusal({ code: 'not-found' }, 'This instance is no longer there.');
}
