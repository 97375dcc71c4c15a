import type { AnyEvent, Database } from '@processflow/db';
import type { Kysely } from 'kysely';
import { z } from 'zod';

import { Refusal } from '../../refusal.ts';
import { emailInput } from '../../texts.ts';
import { ownerProcedure } from '../../trpc.ts';
import type { RealtimeHub } from '../realtime.ts';
import { conclude, type Conclusion } from './conclude.ts';
import { explain, type Rule } from './explain.ts';
import { collectFacts } from './facts.ts';
import { findLogged, readReach } from './logged-event.ts';
import { type Facts, nameOf } from './judge.ts';
import { type AskedPerson, findPerson } from './person.ts';
import { timeWords } from './words.ts';

/** Why somebody did or did not hear an event. */
export interface Explanation {
  readonly event: {
    readonly seq: number;
    readonly channel: string;
    /** Null: the channel was to be fetched anew, whatever had changed. */
    readonly operation: AnyEvent['operation'] | null;
    /** ISO 8601. */
    readonly at: string;
    readonly topics: readonly string[];
  };
  readonly person: { readonly kind: AskedPerson['kind']; readonly name: string; readonly email: string };
  readonly rules: readonly Rule[];
  readonly conclusion: Conclusion;
}

/**
 * For owners: why somebody of their team, or somebody they invited, did or did not hear an event of the team. It reads
 * much of the log, so each server answers one such question at a time.
 */
export const whyProcedure = ownerProcedure
  .input(z.object({ seq: z.int().positive(), email: emailInput }))
  .query(({ ctx, input, signal }) =>
    ctx.whyTurns.take(() => fromOneSnapshot(ctx.db, (trx) => readWhy(trx, ctx.hub, input)), signal),
  );

/** The log and the rows must be of one moment, or what was changed between would be counted twice or never. */
function fromOneSnapshot<T>(db: Kysely<Database>, read: (trx: Kysely<Database>) => Promise<T>): Promise<T> {
  if (db.isTransaction) return read(db);
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
}

async function readWhy(
  db: Kysely<Database>,
  hub: RealtimeHub,
  { teamId, seq, email }: { teamId: number; seq: number; email: string },
): Promise<Explanation> {
  const person = await findPerson(db, teamId, email);
  if (person === undefined) {
    throw new Refusal(
      { code: 'not-found' },
      `${email} is no address of this team: of none of its members, and it was not invited.`,
    );
  }
  const logged = await findLogged(db, teamId, seq);
  if (logged === undefined) throw new Refusal({ code: 'not-found' }, await whyNotThere(db, seq));

  const told =
    logged.kind === 'resync'
      ? explainResync(logged.channel, person, logged.at)
      : judge(await collectFacts(db, hub, { teamId, person, logged }));
  return {
    event: {
      seq,
      channel: logged.kind === 'resync' ? logged.channel : logged.event.channel,
      operation: logged.kind === 'resync' ? null : logged.event.operation,
      at: logged.at.toISOString(),
      topics: logged.kind === 'resync' ? [] : logged.topics,
    },
    person: { kind: person.kind, name: nameOf(person), email },
    ...told,
  };
}

/** Another team's event is told from one that never was by nobody but its own team. */
async function whyNotThere(db: Kysely<Database>, seq: number): Promise<string> {
  const { from, to, since } = await readReach(db);
  if (from === null || to === null || since === null) {
    return 'The log is empty: all events have been deleted from it, or there were none yet.';
  }
  if (seq > to) return `No event has the number ${seq} yet.`;
  if (seq < from) {
    return `The event ${seq} is no longer in the log, which reaches back to ${timeWords(since)} (event ${from}).`;
  }
  return `${seq} is not an event of your team.`;
}

function judge(facts: Facts): { rules: Rule[]; conclusion: Conclusion } {
  return { rules: explain(facts), conclusion: conclude(facts) };
}

function explainResync(
  channel: string,
  person: AskedPerson,
  at: Date,
): { rules: Rule[]; conclusion: Conclusion } {
  const name = nameOf(person);
  return {
    rules: [
      {
        holds: null,
        text: `At ${timeWords(at)} everybody who hears ${channel} was told to fetch it anew: its table was emptied, or a row was too large to be announced.`,
      },
    ],
    conclusion: {
      heard: 'unknown',
      text: `No single row was announced: pages of ${name}'s that were open then fetched anew what they may see.`,
    },
  };
}
