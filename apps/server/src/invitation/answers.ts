import type { Database } from '@processflow/db';
import { sql, type Transaction } from 'kysely';

import type { Profile } from '../context.ts';
import { Refusal } from '../refusal.ts';
import { requirePending } from './commands.ts';
import { hashSecret } from './secret.ts';

type Trx = Transaction<Database>;

/** By id it is the invited person's own verified address that entitles, by secret the link itself. */
export type InvitationKey = { id: number } | { secret: string };

/** Joins the team. Each invitation lets one person in, once. */
export async function acceptInvitation(
  trx: Trx,
  key: InvitationKey,
  profile: Profile,
): Promise<{ teamId: number }> {
  const invitation = await lockForAnswer(trx, key, profile);
  const joined = await trx
    .insertInto('profile_team')
    .values({ team_id: invitation.team_id, profile_id: profile.id })
    .onConflict((conflict) => conflict.columns(['profile_id', 'team_id']).doNothing())
    .returning('id')
    .executeTakeFirst();
  // A member who tries the link that they are to hand over must not use it up.
  if (joined === undefined && invitation.email !== profile.email.toLowerCase()) {
    throw new Refusal(
      { code: 'already-member' },
      'You are a member of this team already; the invitation stays open.',
    );
  }
  await answer(trx, invitation.id, 'Accepted');
  return { teamId: invitation.team_id };
}

export async function declineInvitation(trx: Trx, key: InvitationKey, profile: Profile): Promise<void> {
  const invitation = await lockForAnswer(trx, key, profile);
  await answer(trx, invitation.id, 'Declined');
}

async function lockForAnswer(trx: Trx, key: InvitationKey, profile: Profile) {
  const query = trx
    .selectFrom('invitation')
    .select(['id', 'team_id', 'email', 'status', sql<boolean>`expires_at <= now()`.as('expired')])
    .forUpdate();
  const invitation =
    'secret' in key
      ? await query.where('secret_hash', '=', hashSecret(key.secret)).executeTakeFirst()
      : await query.where('id', '=', key.id).where('email', '=', verifiedEmail(profile)).executeTakeFirst();
  if (invitation === undefined) {
    throw new Refusal({ code: 'not-found' }, 'There is no such invitation for you. Ask for a new one.');
  }
  requirePending(invitation);
  if (invitation.expired) {
    throw new Refusal({ code: 'invitation-expired' }, 'This invitation has expired. Ask for a new one.');
  }
  return invitation;
}

function verifiedEmail(profile: Profile): string {
  if (!profile.emailVerified) {
    throw new Refusal(
      { code: 'email-unverified' },
      'Your email address is not verified. Use the link that the person who invited you can give you.',
    );
  }
  return profile.email.toLowerCase();
}

async function answer(trx: Trx, id: number, status: 'Accepted' | 'Declined'): Promise<void> {
  await trx
    .updateTable('invitation')
    .set({ status, answered_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}
