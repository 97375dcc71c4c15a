import type { Database, Page } from '@processflow/db';
import type { Kysely, Transaction } from 'kysely';

import { Refusal } from '../refusal.ts';
import { freeLostClaims } from '../task/claims.ts';

/** All of these are run by `administer`: roles of a team are named, changed and removed one after the other. */
type Trx = Transaction<Database>;

export interface RoleDraft {
  name: string;
  colour: string;
  pages: Page[];
}

export async function createRole(trx: Trx, teamId: number, draft: RoleDraft): Promise<{ id: number }> {
  await requireFreeName(trx, teamId, draft.name, null);
  return trx
    .insertInto('role')
    .values({ team_id: teamId, ...draft })
    .returning('id')
    .executeTakeFirstOrThrow();
}

export async function updateRole(
  trx: Trx,
  teamId: number,
  id: number,
  wanted: { [Key in keyof RoleDraft]?: RoleDraft[Key] | undefined },
): Promise<void> {
  const role = await trx
    .selectFrom('role')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .select(['name', 'colour', 'pages'])
    .executeTakeFirst();
  if (role === undefined) throw gone();
  if (wanted.name !== undefined) await requireFreeName(trx, teamId, wanted.name, id);
  const { name = role.name, colour = role.colour, pages = role.pages } = wanted;
  const samePages = new Set(pages).symmetricDifference(new Set(role.pages)).size === 0;
  if (name === role.name && colour === role.colour && samePages) return;
  await trx.updateTable('role').set({ name, colour, pages }).where('id', '=', id).execute();
  if (!samePages) await freeLostClaims(trx, teamId);
}

/**
 * Removes a role. What waits for it, and the models that name it, go over to `replaceBy` (null: to every member);
 * without it a role that is in use stays, and the refusal tells by what.
 */
export async function removeRole(
  trx: Trx,
  teamId: number,
  id: number,
  replaceBy: number | null | undefined,
): Promise<void> {
  const roles = await trx
    .selectFrom('role')
    .where('team_id', '=', teamId)
    .where('id', 'in', [id, ...(replaceBy === null || replaceBy === undefined ? [] : [replaceBy])])
    .select(['id', 'name'])
    .orderBy('id')
    .forUpdate()
    .execute();
  const role = roles.find((one) => one.id === id);
  if (role === undefined) throw gone();
  if (replaceBy === undefined) {
    await requireUnused(trx, role);
  } else {
    if (replaceBy === id || (replaceBy !== null && roles.length < 2)) {
      throw new Refusal({ code: 'not-found' }, 'The role to put in its place is not there. Choose another.');
    }
    await trx.updateTable('flow_element').set({ role_id: replaceBy }).where('role_id', '=', id).execute();
    await trx
      .updateTable('flow_element_instance')
      .set({ assigned_role_id: replaceBy })
      .where('assigned_role_id', '=', id)
      .where('status', 'in', ['Active', 'Waiting', 'Incident'])
      .execute();
  }
  await trx.deleteFrom('role').where('id', '=', id).execute();
  await freeLostClaims(trx, teamId);
}

async function requireUnused(db: Kysely<Database>, role: { id: number; name: string }): Promise<void> {
  const tasks = await db
    .selectFrom('flow_element_instance')
    .where('assigned_role_id', '=', role.id)
    .where('status', 'in', ['Active', 'Waiting', 'Incident'])
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const models = await db
    .selectFrom('process_model as m')
    .innerJoin('flow_element as e', 'e.process_model_id', 'm.id')
    .where('e.role_id', '=', role.id)
    .select(['m.name', 'm.version'])
    .distinct()
    .orderBy('m.name')
    .orderBy('m.version')
    .execute();
  const names = models.map(({ name, version }) => `${name} (version ${version})`);
  if (tasks.count === 0 && names.length === 0) return;
  const uses = [
    ...(tasks.count === 0 ? [] : [tasks.count === 1 ? '1 open task' : `${tasks.count} open tasks`]),
    ...names,
  ];
  throw new Refusal(
    { code: 'role-in-use', openTasks: tasks.count, models: names },
    `The role “${role.name}” is used by ${uses.join(', ')}. Choose who takes over: another role or every member.`,
  );
}

/** Names are compared without regard to case, which the table's own constraint does not do. */
async function requireFreeName(trx: Trx, teamId: number, name: string, except: number | null): Promise<void> {
  const roles = await trx.selectFrom('role').where('team_id', '=', teamId).select(['id', 'name']).execute();
  const same = roles.find((role) => role.id !== except && role.name.toLowerCase() === name.toLowerCase());
  if (same !== undefined) {
    throw new Refusal({ code: 'name-taken' }, `There is a role “${same.name}” already. Choose another name.`);
  }
}

function gone(): Refusal {
  return new Refusal({ code: 'not-found' }, 'This role is no longer there.');
}
