import type { Database } from '@processflow/db';
import { sql, type Transaction } from 'kysely';

import { Refusal } from '../refusal.ts';
import { createToken } from './secret.ts';

type Trx = Transaction<Database>;

export const MOST_TOKENS = 50;

export interface IssuedToken {
  id: number;
  /** Told this once. */
  token: string;
}

export interface TokenDraft {
  readonly name: string;
  /** Null: it does not end by itself. */
  readonly days: number | null;
}

/** Makes a token that acts for this owner. Run by `administer`: two at once do not pass the limit together. */
export async function issueToken(
  trx: Trx,
  teamId: number,
  profileId: string,
  { name, days }: TokenDraft,
): Promise<IssuedToken> {
  const { count } = await trx
    .selectFrom('api_token')
    .where('team_id', '=', teamId)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  if (count >= MOST_TOKENS) {
    throw new Refusal(
      { code: 'too-many-tokens' },
      `A team has at most ${MOST_TOKENS} API tokens. Revoke one that is no longer needed.`,
    );
  }
  const { token, hash, hint } = createToken();
  const { id } = await trx
    .insertInto('api_token')
    .values({
      team_id: teamId,
      created_by: profileId,
      name,
      token_hash: hash,
      hint,
      expires_at: days === null ? null : sql<Date>`now() + make_interval(days => ${days})`,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, token };
}

/** Ends a token and, with its event, the streams it opened. */
export async function revokeToken(trx: Trx, teamId: number, id: number): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom('api_token')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numDeletedRows === 0n) {
    throw new Refusal({ code: 'not-found' }, 'This API token is no longer there.');
  }
}
