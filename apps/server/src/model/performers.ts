import type { Database } from '@processflow/db';
import { performers, type ProcessModel } from '@processflow/engine';
import type { Kysely } from 'kysely';

/** Someone the model names, and who that is in the team. */
export interface Performer {
  name: string;
  elementIds: string[];
  /** Before deploying: the role of that name, if there is one; afterwards what was chosen. */
  roleId: number | null;
  /** Deployed for every member. */
  everyone: boolean;
}

/** Matches the performers of a draft to roles by name, without regard to case. */
export async function proposePerformers(
  db: Kysely<Database>,
  teamId: number,
  model: ProcessModel,
): Promise<Performer[]> {
  const roles = await db.selectFrom('role').where('team_id', '=', teamId).select(['id', 'name']).execute();
  const byName = new Map(roles.map((role) => [role.name.toLowerCase(), role.id]));
  return performers(model).map(({ name, elementIds }) => ({
    name,
    elementIds,
    roleId: byName.get(name.toLowerCase()) ?? null,
    everyone: false,
  }));
}

/** Whom the performers of a deployed model were assigned to. */
export async function readPerformers(db: Kysely<Database>, modelId: number): Promise<Performer[]> {
  const rows = await db
    .selectFrom('flow_element')
    .where('process_model_id', '=', modelId)
    .where('performer', 'is not', null)
    .select(['performer', 'element_id', 'role_id'])
    .orderBy('id')
    .execute();
  const found = new Map<string, Performer>();
  for (const { performer, element_id, role_id } of rows) {
    if (performer === null) continue;
    const known = found.get(performer);
    if (known === undefined) {
      found.set(performer, {
        name: performer,
        elementIds: [element_id],
        roleId: role_id,
        everyone: role_id === null,
      });
    } else {
      known.elementIds.push(element_id);
    }
  }
  return [...found.values()];
}
