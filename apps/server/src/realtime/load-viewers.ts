import type { Database, Page } from '@processflow/db';
import type { LoadViewers } from '@processflow/events/server';
import type { Kysely } from 'kysely';

import { type Membership, signedOut, type Viewer } from './viewer.ts';

/** Who a stream belongs to, as the request that opened it proved. */
export interface ViewerKey {
  readonly sessionId: string;
  readonly profileId: string;
}

/** A membership whose roles are still being filled in. */
type Loaded = Membership & { readonly roles: Map<number, readonly Page[]> };

/** Reads what viewers may hear, for all of them from one snapshot. */
export function createLoadViewers(db: Kysely<Database>): LoadViewers<ViewerKey, Viewer> {
  return (keys) =>
    db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (tx) => {
        const profileIds = [...new Set(keys.map((key) => key.profileId))];
        const sessions = await tx
          .selectFrom('session')
          .innerJoin('profile', 'profile.id', 'session.profile_id')
          .where('session.id', 'in', [...new Set(keys.map((key) => key.sessionId))])
          .select([
            'session.id',
            'session.profile_id',
            'session.expires_at',
            'profile.email',
            'profile.email_verified',
          ])
          .execute();
        const members = await tx
          .selectFrom('profile_team')
          .where('profile_id', 'in', profileIds)
          .select(['profile_id', 'team_id', 'is_owner'])
          .execute();
        const roles = await tx
          .selectFrom('profile_role_team')
          .innerJoin('role', 'role.id', 'profile_role_team.role_id')
          .where('profile_role_team.profile_id', 'in', profileIds)
          .select([
            'profile_role_team.profile_id',
            'profile_role_team.team_id',
            'role.id as role_id',
            'role.pages',
          ])
          .execute();

        const teams = new Map<string, Map<number, Loaded>>();
        for (const { profile_id, team_id, is_owner } of members) {
          const own = teams.get(profile_id) ?? new Map<number, Loaded>();
          teams.set(profile_id, own.set(team_id, { isOwner: is_owner, roles: new Map() }));
        }
        for (const { profile_id, team_id, role_id, pages } of roles) {
          teams.get(profile_id)?.get(team_id)?.roles.set(role_id, pages);
        }
        const sessionById = new Map(sessions.map((session) => [session.id, session]));
        return keys.map(({ sessionId, profileId }) => {
          const session = sessionById.get(sessionId);
          if (session === undefined || session.profile_id !== profileId) {
            return signedOut();
          }
          return {
            sessionId,
            profileId,
            expiresAt: session.expires_at.getTime(),
            email: session.email_verified ? session.email.toLowerCase() : null,
            teams: teams.get(profileId) ?? new Map<number, Membership>(),
          };
        });
      });
}
