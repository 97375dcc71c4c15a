import type { Database } from '@processflow/db';
import type { Transaction } from 'kysely';

import { Refusal } from '../refusal.ts';

/** A new team, owned by the person who makes it. */
export async function createTeam(
  trx: Transaction<Database>,
  name: string,
  ownerId: string,
): Promise<{ id: number }> {
  const team = await trx.insertInto('team').values({ name }).returning('id').executeTakeFirstOrThrow();
  await trx
    .insertInto('profile_team')
    .values({ team_id: team.id, profile_id: ownerId, is_owner: true })
    .execute();
  return team;
}

export async function renameTeam(trx: Transaction<Database>, teamId: number, name: string): Promise<void> {
  await trx.updateTable('team').set({ name }).where('id', '=', teamId).where('name', '!=', name).execute();
}

/** Deletes a team with all that belongs to it; its name, typed again, shows that this one is meant. */
export async function removeTeam(trx: Transaction<Database>, teamId: number, name: string): Promise<void> {
  const team = await trx
    .selectFrom('team')
    .where('id', '=', teamId)
    .select('name')
    .forUpdate()
    .executeTakeFirst();
  if (team === undefined) throw new Refusal({ code: 'not-found' }, 'This team is already gone.');
  if (team.name !== name.trim()) {
    throw new Refusal({ code: 'name-differs' }, `Type the team's name, “${team.name}”, to delete it.`);
  }
  await trx.deleteFrom('team').where('id', '=', teamId).execute();
}
