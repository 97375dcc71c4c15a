import type { Database } from '@processflow/db';
import { type Kysely, sql } from 'kysely';

import type { Standing } from './as-it-was.ts';
import { readAddressEvents, readLeavers } from './logged-event.ts';

/**
 * Whom an owner may ask about: those who belong to the team or did, as far as the log tells, and those it has invited.
 * Of an address that was only invited it is never told whether it has an account.
 */
export type AskedPerson =
  | { readonly kind: 'member'; readonly profileId: string; readonly name: string; readonly email: string }
  | { readonly kind: 'former-member'; readonly profileId: string; readonly email: string }
  | { readonly kind: 'invited'; readonly email: string };

/** Undefined for every other address, whether somebody has it or not. */
export async function findPerson(
  db: Kysely<Database>,
  teamId: number,
  email: string,
): Promise<AskedPerson | undefined> {
  const member = await db
    .selectFrom('profile_team as m')
    .innerJoin('profile as p', 'p.id', 'm.profile_id')
    .where('m.team_id', '=', teamId)
    .where(sql`lower(p.email)`, '=', email)
    .select(['p.id', 'p.name'])
    .executeTakeFirst();
  if (member !== undefined) return { kind: 'member', profileId: member.id, name: member.name, email };

  const left = await readLeavers(db, teamId);
  const members = await db
    .selectFrom('profile_team')
    .where('team_id', '=', teamId)
    .select('profile_id')
    .execute();
  for (const { profile_id } of members) left.delete(profile_id);
  const addresses = await readAddressesAt(db, left);
  const former = [...addresses].find(([, address]) => address === email);
  if (former !== undefined) return { kind: 'former-member', profileId: former[0], email };

  const invitation = await db
    .selectFrom('invitation')
    .where('team_id', '=', teamId)
    .where('email', '=', email)
    .select('id')
    .executeTakeFirst();
  return invitation && { kind: 'invited', email };
}

/** As the team knew them: an address that came later is nothing to it. */
async function readAddressesAt(
  db: Kysely<Database>,
  left: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, string>> {
  const addresses = new Map<string, string>();
  if (left.size === 0) return addresses;
  const log = await readAddressEvents(db, [...left.keys()]);
  const today = await db
    .selectFrom('profile')
    .where('id', 'in', [...left.keys()])
    .select(['id', 'email'])
    .execute();
  const emailNow = new Map(today.map(({ id, email }) => [id, email]));
  for (const [profileId, seq] of left) {
    const own = log.flatMap(({ seq: at, ...one }) =>
      one.kind === 'change' && one.event.channel === 'profile_changes' && one.event.id === profileId
        ? [{ at, event: one.event }]
        : [],
    );
    const before = own.findLast(({ at }) => at < seq)?.event;
    const after = own.find(({ at }) => at > seq)?.event;
    const isChanged = after?.operation === 'UPDATE' && after.changed.includes('email');
    const address = before?.email ?? (isChanged ? undefined : (after?.email ?? emailNow.get(profileId)));
    if (address !== undefined) addresses.set(profileId, address.toLowerCase());
  }
  return addresses;
}

/** How a member stands now. */
export async function readStanding(
  db: Kysely<Database>,
  teamId: number,
  profileId: string,
): Promise<Standing> {
  const member = await db
    .selectFrom('profile_team as m')
    .innerJoin('profile as p', 'p.id', 'm.profile_id')
    .where('m.team_id', '=', teamId)
    .where('m.profile_id', '=', profileId)
    .select(['m.is_owner', 'p.email', 'p.email_verified'])
    .executeTakeFirst();
  if (member === undefined) return { membership: undefined, email: null };
  const roles = await db
    .selectFrom('profile_role_team as a')
    .innerJoin('role as r', 'r.id', 'a.role_id')
    .where('a.team_id', '=', teamId)
    .where('a.profile_id', '=', profileId)
    .select(['r.id', 'r.pages'])
    .execute();
  return {
    membership: { isOwner: member.is_owner, roles: new Map(roles.map(({ id, pages }) => [id, pages])) },
    email: member.email_verified ? member.email.toLowerCase() : null,
  };
}
