import type { Database } from '@processflow/db';
import type { Transaction } from 'kysely';

import { Refusal } from '../refusal.ts';
import { freeLostClaims } from '../task/claims.ts';

/**
 * All of these are run by `administer`: owners come and go one after the other within a team, so that two who leave
 * at once do not both find the other.
 */
type Trx = Transaction<Database>;

/** Takes a person out of a team, with their roles; what they had claimed is free for others again. */
export async function removeMember(trx: Trx, teamId: number, profileId: string): Promise<void> {
  const member = await lockMember(trx, teamId, profileId);
  if (member.is_owner) await requireOtherOwner(trx, teamId, profileId);
  await trx
    .deleteFrom('profile_team')
    .where('team_id', '=', teamId)
    .where('profile_id', '=', profileId)
    .execute();
  await freeLostClaims(trx, teamId);
}

/** Makes a member an owner, or an owner an ordinary member again. */
export async function setOwner(trx: Trx, teamId: number, profileId: string, isOwner: boolean): Promise<void> {
  const member = await lockMember(trx, teamId, profileId);
  if (member.is_owner === isOwner) return;
  if (!isOwner) await requireOtherOwner(trx, teamId, profileId);
  await trx
    .updateTable('profile_team')
    .set({ is_owner: isOwner })
    .where('team_id', '=', teamId)
    .where('profile_id', '=', profileId)
    .execute();
  if (!isOwner) await freeLostClaims(trx, teamId);
}

/** Gives a member exactly these roles; only what differs is written. */
export async function setRoles(
  trx: Trx,
  teamId: number,
  profileId: string,
  roleIds: number[],
): Promise<void> {
  await lockMember(trx, teamId, profileId);
  const wanted = new Set(roleIds);
  const [known, held] = await Promise.all([
    trx.selectFrom('role').where('team_id', '=', teamId).select('id').execute(),
    trx
      .selectFrom('profile_role_team')
      .where('team_id', '=', teamId)
      .where('profile_id', '=', profileId)
      .select('role_id')
      .execute(),
  ]);
  if (!wanted.isSubsetOf(new Set(known.map((role) => role.id)))) {
    throw new Refusal({ code: 'not-found' }, 'One of these roles is no longer there. Choose again.');
  }
  const heldIds = new Set(held.map((row) => row.role_id));
  const gone = [...heldIds.difference(wanted)];
  const added = [...wanted.difference(heldIds)];
  if (gone.length > 0) {
    await trx
      .deleteFrom('profile_role_team')
      .where('team_id', '=', teamId)
      .where('profile_id', '=', profileId)
      .where('role_id', 'in', gone)
      .execute();
  }
  if (added.length > 0) {
    await trx
      .insertInto('profile_role_team')
      .values(added.map((role_id) => ({ team_id: teamId, profile_id: profileId, role_id })))
      .execute();
  }
  if (gone.length > 0) await freeLostClaims(trx, teamId);
}

async function lockMember(trx: Trx, teamId: number, profileId: string): Promise<{ is_owner: boolean }> {
  const member = await trx
    .selectFrom('profile_team')
    .where('team_id', '=', teamId)
    .where('profile_id', '=', profileId)
    .select('is_owner')
    .forUpdate()
    .executeTakeFirst();
  if (member === undefined) {
    throw new Refusal({ code: 'not-found' }, 'This person is not a member of the team any more.');
  }
  return member;
}

async function requireOtherOwner(trx: Trx, teamId: number, profileId: string): Promise<void> {
  const other = await trx
    .selectFrom('profile_team')
    .where('team_id', '=', teamId)
    .where('is_owner', '=', true)
    .where('profile_id', '!=', profileId)
    .select('id')
    .executeTakeFirst();
  if (other === undefined) {
    throw new Refusal(
      { code: 'last-owner' },
      'A team needs an owner. Make another member an owner first, or delete the team.',
    );
  }
}
