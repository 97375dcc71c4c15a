import type { Database } from '@processflow/db';
import type { Kysely, Transaction } from 'kysely';

import { notAMember } from '../refusal.ts';
import { transact } from '../transact.ts';
import { type Membership, readMember } from './queries.ts';

type Trx = Transaction<Database>;

/** Does a member's command in one transaction, as the member they are by then. */
export type Command = <T>(run: (trx: Trx, member: Membership) => Promise<T>) => Promise<T>;

export interface Commands {
  /** For the team's work: many at a time. */
  command: Command;
  /** For the team itself, its members, roles and versions of models: one after the other. */
  administer: Command;
}

/**
 * Whoever was let in may lose the membership, role or page before the command comes to its transaction. There they
 * are held and looked at once more: a withdrawal has either come first, or waits until the command is done.
 *
 * @param check throws when the member may not do this (any more)
 */
export function commandsOf(
  db: Kysely<Database>,
  teamId: number,
  profileId: string,
  check: (member: Membership) => void = () => undefined,
): Commands {
  const held = async <T>(trx: Trx, run: (trx: Trx, member: Membership) => Promise<T>): Promise<T> => {
    const member = await holdMember(trx, teamId, profileId);
    check(member);
    return run(trx, member);
  };
  return {
    command: (run) => transact(db, (trx) => held(trx, run)),
    administer: (run) =>
      transact(db, async (trx) => {
        // Before anything else: two who lock each other's membership first would wait for each other.
        await trx.selectFrom('team').where('id', '=', teamId).select('id').forNoKeyUpdate().execute();
        return held(trx, run);
      }),
  };
}

/** Keeps a member what they are until the transaction ends. */
async function holdMember(trx: Trx, teamId: number, profileId: string): Promise<Membership> {
  await trx
    .selectFrom('profile_team')
    .where('team_id', '=', teamId)
    .where('profile_id', '=', profileId)
    .select('id')
    .forShare()
    .execute();
  // Rows are locked in the order of FROM: the role before who has it, as removing a role does.
  await trx
    .selectFrom('role as r')
    .innerJoin('profile_role_team as a', 'a.role_id', 'r.id')
    .where('a.team_id', '=', teamId)
    .where('a.profile_id', '=', profileId)
    .select('r.id')
    .orderBy('r.id')
    .forShare()
    .execute();
  // A statement that waited sees its rows anew, but not what it joins; this one sees everything.
  const member = await readMember(trx, profileId, teamId);
  if (member === null) throw notAMember();
  return member;
}
