import type { Database } from '@processflow/db';
import { sql, type Transaction } from 'kysely';

import { Refusal } from '../refusal.ts';
import { createSecret } from './secret.ts';

type Trx = Transaction<Database>;

export interface IssuedInvitation {
  id: number;
  /** For the link; told this once. */
  secret: string;
}

const inSevenDays = sql<Date>`now() + interval '7 days'`;

/** Invites an address into a team. One that waits already is renewed, so that only the newest link works. */
export async function createInvitation(
  trx: Trx,
  teamId: number,
  email: string,
  invitedBy: string,
): Promise<IssuedInvitation> {
  const member = await trx
    .selectFrom('profile_team as m')
    .innerJoin('profile as p', 'p.id', 'm.profile_id')
    .where('m.team_id', '=', teamId)
    .where((eb) => eb(eb.fn<string>('lower', ['p.email']), '=', email))
    .select('p.name')
    .executeTakeFirst();
  if (member !== undefined) {
    throw new Refusal(
      { code: 'already-member' },
      `${member.name} (${email}) is a member of this team already.`,
    );
  }
  const { secret, hash } = createSecret();
  const { id } = await trx
    .insertInto('invitation')
    .values({ team_id: teamId, email, invited_by: invitedBy, secret_hash: hash, expires_at: inSevenDays })
    .onConflict((conflict) =>
      conflict
        .columns(['team_id', 'email'])
        // A literal: PostgreSQL infers the partial index only from a constant.
        .where('status', '=', sql.lit('Pending' as const))
        .doUpdateSet({ invited_by: invitedBy, secret_hash: hash, expires_at: inSevenDays }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, secret };
}

/** A new link and seven more days; the link before stops working. */
export async function renewInvitation(trx: Trx, teamId: number, id: number): Promise<IssuedInvitation> {
  requirePending(await lockOfTeam(trx, teamId, id));
  const { secret, hash } = createSecret();
  await trx
    .updateTable('invitation')
    .set({ secret_hash: hash, expires_at: inSevenDays })
    .where('id', '=', id)
    .execute();
  return { id, secret };
}

export async function revokeInvitation(trx: Trx, teamId: number, id: number): Promise<void> {
  const invitation = await lockOfTeam(trx, teamId, id);
  if (invitation.status === 'Revoked') return;
  requirePending(invitation);
  await trx
    .updateTable('invitation')
    .set({ status: 'Revoked', answered_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

interface LockedInvitation {
  status: 'Pending' | 'Accepted' | 'Declined' | 'Revoked';
}

async function lockOfTeam(trx: Trx, teamId: number, id: number): Promise<LockedInvitation> {
  const invitation = await trx
    .selectFrom('invitation')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .select('status')
    .forUpdate()
    .executeTakeFirst();
  if (invitation === undefined)
    throw new Refusal({ code: 'not-found' }, 'This invitation is no longer there.');
  return invitation;
}

/** An invitation is answered or revoked once. */
export function requirePending({ status }: LockedInvitation): void {
  switch (status) {
    case 'Pending':
      return;
    case 'Accepted':
      throw new Refusal({ code: 'invitation-used' }, 'This invitation was accepted already.');
    case 'Declined':
      throw new Refusal({ code: 'invitation-declined' }, 'This invitation was declined. Ask for a new one.');
    case 'Revoked':
      throw new Refusal({ code: 'invitation-revoked' }, 'This invitation was taken back. Ask for a new one.');
  }
}
