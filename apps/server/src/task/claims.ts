import type { Database } from '@processflow/db';
import { sql, type Transaction } from 'kysely';

/**
 * Frees open tasks whose claimers may not act on them any more, because they lost the role, the page, the
 * ownership or the membership: they could not give them back themselves.
 */
export async function freeLostClaims(trx: Transaction<Database>, teamId: number): Promise<void> {
  await trx
    .updateTable('flow_element_instance as e')
    .set({ claimed_by: null, claimed_at: null })
    .where('e.team_id', '=', teamId)
    .where('e.status', 'in', ['Active', 'Waiting', 'Incident'])
    .where('e.claimed_by', 'is not', null)
    .where((eb) => {
      const roles = eb
        .selectFrom('profile_role_team as a')
        .innerJoin('role as r', 'r.id', 'a.role_id')
        .whereRef('a.team_id', '=', 'e.team_id')
        .whereRef('a.profile_id', '=', 'e.claimed_by')
        .select('r.id');
      const opensTasks = eb.exists(roles.where(sql<boolean>`'tasks' = any(r.pages)`));
      const isTheirs = eb.or([
        eb('e.assigned_role_id', 'is', null),
        eb.exists(roles.whereRef('r.id', '=', 'e.assigned_role_id')),
      ]);
      const mayAct = eb
        .selectFrom('profile_team as m')
        .whereRef('m.team_id', '=', 'e.team_id')
        .whereRef('m.profile_id', '=', 'e.claimed_by')
        .where((member) => member.or([member('m.is_owner', '=', true), eb.and([opensTasks, isTheirs])]))
        .select('m.id');
      return eb.not(eb.exists(mayAct));
    })
    .execute();
}
