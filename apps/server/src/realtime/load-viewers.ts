import type { Database, Page } from '@processflow/db';
import { type LoadViewers, Revocation } from '@processflow/events/server';
import type { Kysely, Transaction } from 'kysely';

import { TOKEN_REVOKED } from '../token/bearer.ts';
import { type Membership, signedOut, type Viewer, type ViewerKey } from './viewer.ts';

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
        const sessionById = await readSessions(tx, keys);
        const tokenById = await readTokens(tx, keys);
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
        return keys.map((key) => {
          const own = teams.get(key.profileId) ?? new Map<number, Membership>();
          if ('sessionId' in key) {
            const session = sessionById.get(key.sessionId);
            if (session === undefined || session.profile_id !== key.profileId) return signedOut();
            const email = session.email_verified ? session.email.toLowerCase() : null;
            return { key, expiresAt: session.expires_at.getTime(), email, teams: own };
          }
          const { id, teamId } = key.token;
          const token = tokenById.get(id);
          if (token === undefined || token.created_by !== key.profileId || token.team_id !== teamId) {
            return new Revocation('UNAUTHORIZED', TOKEN_REVOKED);
          }
          const membership = own.get(teamId);
          return {
            key,
            expiresAt: token.expires_at?.getTime() ?? Infinity,
            email: null,
            teams: new Map(membership && [[teamId, membership]]),
          };
        });
      });
}

async function readSessions(tx: Transaction<Database>, keys: readonly ViewerKey[]) {
  const ids = new Set(keys.flatMap((key) => ('sessionId' in key ? [key.sessionId] : [])));
  const rows = await tx
    .selectFrom('session')
    .innerJoin('profile', 'profile.id', 'session.profile_id')
    .where((eb) => eb('session.id', '=', eb.fn.any(eb.val([...ids]))))
    .select([
      'session.id',
      'session.profile_id',
      'session.expires_at',
      'profile.email',
      'profile.email_verified',
    ])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

async function readTokens(tx: Transaction<Database>, keys: readonly ViewerKey[]) {
  const ids = new Set(keys.flatMap((key) => ('token' in key ? [key.token.id] : [])));
  if (ids.size === 0) return new Map<number, never>();
  const rows = await tx
    .selectFrom('api_token')
    .where('id', 'in', [...ids])
    .select(['id', 'team_id', 'created_by', 'expires_at'])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}
