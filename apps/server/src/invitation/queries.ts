import type { Database } from '@processflow/db';
import { type Kysely, sql } from 'kysely';

import { type Person, toPerson } from '../profile/person.ts';
import { Refusal } from '../refusal.ts';
import { hashSecret } from './secret.ts';

export type InvitationStatus = 'Pending' | 'Accepted' | 'Declined' | 'Revoked';

/** As the team sees it. */
export interface Invitation {
  id: number;
  email: string;
  status: InvitationStatus;
  expired: boolean;
  invitedBy: Person | null;
  createdAt: Date;
  expiresAt: Date;
  answeredAt: Date | null;
}

/** As the invited person sees it. */
export interface MyInvitation {
  id: number;
  teamId: number;
  teamName: string;
  invitedBy: Person | null;
  createdAt: Date;
  expiresAt: Date;
}

/** As whoever holds the link sees it. */
export interface InvitationByLink {
  id: number;
  teamName: string;
  email: string;
  invitedBy: Person | null;
  status: InvitationStatus;
  expired: boolean;
}

/** All invitations of a team, the newest first. */
export async function listInvitations(db: Kysely<Database>, teamId: number): Promise<Invitation[]> {
  const rows = await invitations(db).where('i.team_id', '=', teamId).orderBy('i.id', 'desc').execute();
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    status: row.status,
    expired: row.expired,
    invitedBy: toPerson(row.inviterId, row.inviterName),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    answeredAt: row.answered_at,
  }));
}

/** What waits for an answer of the person with this verified address. */
export async function listMyInvitations(db: Kysely<Database>, email: string): Promise<MyInvitation[]> {
  const rows = await invitations(db)
    .where('i.email', '=', email.toLowerCase())
    .where('i.status', '=', 'Pending')
    .where('i.expires_at', '>', sql<Date>`now()`)
    .orderBy('i.id', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    teamId: row.team_id,
    teamName: row.teamName,
    invitedBy: toPerson(row.inviterId, row.inviterName),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }));
}

export async function readInvitationByLink(db: Kysely<Database>, secret: string): Promise<InvitationByLink> {
  const row = await invitations(db).where('i.secret_hash', '=', hashSecret(secret)).executeTakeFirst();
  if (row === undefined) {
    throw new Refusal(
      { code: 'not-found' },
      'This link leads to no invitation. A newer one may have been sent, or a part of the link is missing.',
    );
  }
  const { id, teamName, email, status, expired } = row;
  return { id, teamName, email, status, expired, invitedBy: toPerson(row.inviterId, row.inviterName) };
}

function invitations(db: Kysely<Database>) {
  return db
    .selectFrom('invitation as i')
    .innerJoin('team as t', 't.id', 'i.team_id')
    .leftJoin('profile as p', 'p.id', 'i.invited_by')
    .select([
      'i.id',
      'i.team_id',
      't.name as teamName',
      'i.email',
      'i.status',
      'i.created_at',
      'i.expires_at',
      'i.answered_at',
      'p.id as inviterId',
      'p.name as inviterName',
      sql<boolean>`i.status = 'Pending' and i.expires_at <= now()`.as('expired'),
    ]);
}
