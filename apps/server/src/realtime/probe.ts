import { setTimeout as delay } from 'node:timers/promises';

import type { Database } from '@processflow/db';
import { Revocation } from '@processflow/events/server';
import { TRPCError } from '@trpc/server';
import type { Insertable, Kysely } from 'kysely';
import { z } from 'zod';

import { teamProcedure } from '../trpc.ts';

const SECOND = 1000;
/** A notification that comes later than this after the server heard the probe does not come, in milliseconds. */
const NOTIFIED_WITHIN = 500;

const input = z.object({
  /** Comes back in the event, so that the asker knows it for theirs. */
  nonce: z.string().min(1).max(64),
  /** How long to wait for the listener, in milliseconds; 0: not at all. */
  waitMs: z
    .int()
    .min(0)
    .max(5 * SECOND)
    .default(3 * SECOND),
});

/**
 * Writes a row of the caller's own that nothing depends on, and says how long it took until this server heard of it,
 * and whether PostgreSQL notified it or only its reading of the change log found it: whoever looks for a fault learns
 * here, in an ordinary answer, what no stream may be able to tell.
 */
export const probeProcedure = teamProcedure
  .meta({ tokens: 'allowed' })
  .input(input)
  .mutation(async ({ ctx, input: { teamId, nonce, waitMs }, signal }) => {
    const row = { team_id: teamId, profile_id: ctx.profile.id, nonce };
    const write = () => ctx.command((trx) => writeProbe(trx, row));
    const answer = (heardAfterMs: number | null, notified = false) => ({
      heardAfterMs,
      notified,
      now: Date.now(),
    });
    if (waitMs === 0) {
      await write();
      return answer(null);
    }
    using ear = ctx.probeEar.listenFor(nonce);
    const timeUp = AbortSignal.timeout(waitMs);
    const frames = await ctx.hub.subscribe({
      key: ctx.viewer,
      topics: (topic) => topic === `team:${teamId}/probe/${ctx.profile.id}`,
      channels: ['probe_changes'],
      signal: signal === undefined ? timeUp : AbortSignal.any([timeUp, signal]),
    });
    try {
      // Nothing is delivered before the first frame, so nothing may be written before it.
      await frames.next();
      const startedAt = performance.now();
      await write();
      for await (const { data } of frames) {
        if (data.channel !== 'probe_changes' || data.nonce !== nonce) continue;
        const heardAfterMs = Math.round(performance.now() - startedAt);
        return answer(heardAfterMs, await isHeard(ear.heard));
      }
      return answer(null);
    } catch (error) {
      if (!(error instanceof Revocation)) throw error;
      throw new TRPCError({ code: error.code, message: error.message, cause: error });
    } finally {
      await frames.return?.();
    }
  });

/** A read that something else prompted may come before the notification. */
async function isHeard(heard: Promise<true>): Promise<boolean> {
  const late = new AbortController();
  const { signal } = late;
  try {
    return await Promise.race([heard, delay(NOTIFIED_WITHIN, false, { signal })]);
  } finally {
    late.abort();
  }
}

async function writeProbe(db: Kysely<Database>, row: Insertable<Database['probe']>): Promise<void> {
  await db
    .insertInto('probe')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['profile_id', 'team_id']).doUpdateSet(({ fn, ref }) => ({
        nonce: ref('excluded.nonce'),
        asked_at: fn<Date>('clock_timestamp'),
      })),
    )
    .execute();
}
