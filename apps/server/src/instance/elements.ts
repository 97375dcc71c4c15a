import type { Database } from '@processflow/db';
import type { Change, Incident } from '@processflow/engine';
import { sql, type Transaction } from 'kysely';

type Trx = Transaction<Database>;

/** The columns that a model's elements give to what happens at them. */
export type ElementColumns = ReadonlyMap<string, { id: number; roleId: number | null }>;

/** The person whose completion brought the changes about, and the number of what they completed. */
export interface Actor {
  profileId: string;
  number: number;
}

const now = sql<Date>`now()`;
/** Rows of one INSERT; PostgreSQL takes 65,535 parameters a statement. */
const ROWS_AT_ONCE = 2000;

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
      if (fresh !== undefined) {
        entered.set(number, { ...fresh, status: 'Incident', incident });
      } else {
        // A retry that fails as before tells the same reason once more.
        await rowOf(number)
          .set({ status: 'Incident', incident: toJson(incident) })
          .where('incident', 'is distinct from', sql<JsonIncident>`${JSON.stringify(incident)}::jsonb`)
          .execute();
      }
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

type JsonIncident = ReturnType<typeof toJson>;

/** An interface is no JSON to the compiler, a copy of its properties is. */
function toJson(incident: Incident) {
  return { ...incident };
}
