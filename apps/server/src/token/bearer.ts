import type { Database } from '@processflow/db';
import { type Kysely, sql } from 'kysely';

import { hashToken } from './secret.ts';

/** What a request with a valid token may do: read one team, for the owner who made the token. */
export interface TokenBearer {
  readonly token: TokenScope;
  readonly profile: { id: string; name: string; email: string; emailVerified: boolean };
}

export interface TokenScope {
  readonly id: number;
  readonly teamId: number;
}

/** Why a token opens nothing: a sentence for whoever holds it. */
export class BadToken extends Error {
  override readonly name = 'BadToken';
  /** `UNAUTHORIZED`: it is none. `FORBIDDEN`: it rests. */
  readonly code: 'UNAUTHORIZED' | 'FORBIDDEN';

  constructor(code: BadToken['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export const TOKEN_REVOKED = 'This API token was revoked. An owner of the team can make a new one.';
export const TOKEN_OF_ANOTHER_TEAM = 'This API token does not open that team.';
export const TOKEN_RESTS = 'Whoever made this API token is no longer an owner of its team.';
const TOKEN_UNKNOWN =
  'This API token is not known, or it was revoked. An owner of the team can make a new one on the Team page.';
export const TOKEN_EXPIRED =
  'This API token has expired. An owner of the team can make a new one on the Team page.';

/** The text after `Bearer`; other schemes are those of proxies in front, and none of ours. */
export function bearerOf(headers: Headers): string | undefined {
  const [scheme, token = ''] = headers.get('authorization')?.trim().split(/\s+/) ?? [];
  return scheme?.toLowerCase() === 'bearer' ? token : undefined;
}

/** Whose token this is. Throws {@link BadToken} when it opens nothing. */
export async function readBearer(db: Kysely<Database>, token: string): Promise<TokenBearer> {
  const row = await db
    .selectFrom('api_token as t')
    .innerJoin('profile_team as m', (join) =>
      join.onRef('m.team_id', '=', 't.team_id').onRef('m.profile_id', '=', 't.created_by'),
    )
    .innerJoin('profile as p', 'p.id', 't.created_by')
    .where('t.token_hash', '=', hashToken(token))
    .select([
      't.id',
      't.team_id',
      'm.is_owner',
      'p.id as profileId',
      'p.name',
      'p.email',
      'p.email_verified',
      sql<boolean>`coalesce(t.expires_at <= now(), false)`.as('expired'),
      sql<boolean>`coalesce(t.last_used_at < now() - interval '1 minute', true)`.as('unnoted'),
    ])
    .executeTakeFirst();
  if (row === undefined) throw new BadToken('UNAUTHORIZED', TOKEN_UNKNOWN);
  if (row.expired) throw new BadToken('UNAUTHORIZED', TOKEN_EXPIRED);
  if (!row.is_owner) throw new BadToken('FORBIDDEN', TOKEN_RESTS);
  if (row.unnoted) await noteUse(db, row.id);
  return {
    token: { id: row.id, teamId: row.team_id },
    profile: { id: row.profileId, name: row.name, email: row.email, emailVerified: row.email_verified },
  };
}

/** At most once a minute, also of many requests at once. */
async function noteUse(db: Kysely<Database>, id: number): Promise<void> {
  await db
    .updateTable('api_token')
    .set({ last_used_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where(sql<boolean>`coalesce(last_used_at < now() - interval '1 minute', true)`)
    .execute();
}
