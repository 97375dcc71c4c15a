import type { Database, Page } from '@processflow/db';
import type { Kysely } from 'kysely';

import type { Membership } from '../member/queries.ts';
import type { RoleTag } from './tag.ts';

export interface Role extends RoleTag {
  pages: Page[];
  memberCount: number;
  /** Tasks that wait for someone with this role; null for those who hear of no task, for whom it would grow stale. */
  openTasks: number | null;
}

export async function listRoles(db: Kysely<Database>, { teamId, pages }: Membership): Promise<Role[]> {
  const hearsOfTasks = pages.includes('tasks') || pages.includes('instances');
  const roles = await db
    .selectFrom('role as r')
    .where('r.team_id', '=', teamId)
    .select((eb) => [
      'r.id',
      'r.name',
      'r.colour',
      'r.pages',
      eb
        .selectFrom('profile_role_team as a')
        .whereRef('a.role_id', '=', 'r.id')
        .select((count) => count.fn.countAll<number>().as('n'))
        .$asScalar()
        .$notNull()
        .as('memberCount'),
      eb
        .selectFrom('flow_element_instance as e')
        .whereRef('e.assigned_role_id', '=', 'r.id')
        .where('e.status', '=', 'Active')
        .select((count) => count.fn.countAll<number>().as('n'))
        .$asScalar()
        .$notNull()
        .as('openTasks'),
    ])
    .orderBy('r.name')
    .execute();
  return hearsOfTasks ? roles : roles.map((role) => ({ ...role, openTasks: null }));
}
