import type { Database } from '@processflow/db';
import type { Kysely } from 'kysely';

import type { Person } from '../profile/person.ts';

/** As owners see it; the token itself is known to its holder alone. */
export interface ApiToken {
  id: number;
  name: string;
  hint: string;
  createdBy: Person;
  createdAt: Date;
  /** Null: it does not end by itself. */
  expiresAt: Date | null;
  /** To the minute; null: never. */
  lastUsedAt: Date | null;
  /** Rests while its maker is no owner. */
  resting: boolean;
}

/** The tokens of a team, the newest first. */
export async function listTokens(db: Kysely<Database>, teamId: number): Promise<ApiToken[]> {
  const rows = await db
    .selectFrom('api_token as t')
    .innerJoin('profile_team as m', (join) =>
      join.onRef('m.team_id', '=', 't.team_id').onRef('m.profile_id', '=', 't.created_by'),
    )
    .innerJoin('profile as p', 'p.id', 't.created_by')
    .where('t.team_id', '=', teamId)
    .select([
      't.id',
      't.name',
      't.hint',
      't.created_at',
      't.expires_at',
      't.last_used_at',
      'm.is_owner',
      'p.id as makerId',
      'p.name as makerName',
    ])
    .orderBy('t.id', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    hint: row.hint,
    createdBy: { id: row.makerId, name: row.makerName },
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    resting: !row.is_owner,
  }));
}
