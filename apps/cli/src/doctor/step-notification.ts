import pg from 'pg';

import { newNonce } from './context.ts';
import type { DatabaseStepsOptions } from './database-steps.ts';
import type { HopResult } from './hop.ts';
import { PROBE_CHANNEL } from './probe.ts';
import { reasonOf } from './reason.ts';

const OWNER = `SELECT team_id, profile_id FROM public.profile_team
  WHERE is_owner AND ($1::int IS NULL OR team_id = $1) ORDER BY id LIMIT 1`;
const WRITE = `INSERT INTO public.probe (team_id, profile_id, nonce) VALUES ($1, $2, $3)
  ON CONFLICT (profile_id, team_id) DO UPDATE SET nonce = excluded.nonce, asked_at = clock_timestamp()`;

/** Whether a plain LISTEN hears of a row that is written. */
export async function notificationStep({
  connectionString,
  teamId,
  answer,
}: DatabaseStepsOptions): Promise<HopResult> {
  const hop = 'notification';
  const options = {
    connectionString,
    application_name: 'doctor',
    connectionTimeoutMillis: answer,
    query_timeout: answer,
  };
  const [listener, writer] = [new pg.Client(options), new pg.Client(options)];
  const lost: unknown[] = [];
  for (const client of [listener, writer]) client.on('error', (error) => lost.push(error));
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.all([listener.connect(), writer.connect()]);
    const nonce = newNonce();
    const outcome = Promise.withResolvers<'heard' | 'late'>();
    listener.on('notification', ({ channel, payload = '' }) => {
      if (channel === PROBE_CHANNEL && payload.includes(nonce)) outcome.resolve('heard');
    });
    await listener.query(`LISTEN ${PROBE_CHANNEL}`);
    const owner = await writer.query(OWNER, [teamId ?? null]);
    if (owner.rowCount === 0) {
      const finding = 'There is no team with an owner yet in whose name to write a probe.';
      return { hop, state: 'skip', finding };
    }
    const { team_id: team, profile_id: profile } = owner.rows[0] as { team_id: number; profile_id: string };
    const startedAt = performance.now();
    const { rowCount } = await writer.query(WRITE, [team, profile, nonce]);
    if (rowCount === 0) return meddledWith("The probe's row was not written, though nothing refused it.");
    timer = setTimeout(() => outcome.resolve('late'), answer);
    if ((await outcome.promise) === 'heard') {
      const ms = Math.round(performance.now() - startedAt);
      return { hop, state: 'ok', ms, finding: 'PostgreSQL announces what is committed to whoever listens.' };
    }
    return await explainSilence(listener);
  } catch (error) {
    return {
      hop,
      state: 'fail',
      finding: `The probe could not be tried in the database: ${reasonOf(lost[0] ?? error)}.`,
      advice:
        'Check that the role of --database-url may write the table "probe", and that the database can be reached.',
      line: 'GRANT SELECT ON profile_team TO ...; GRANT SELECT, INSERT, UPDATE ON probe TO ...;',
    };
  } finally {
    clearTimeout(timer);
    await Promise.allSettled([listener.end(), writer.end()]);
  }
}

/** Nothing was heard: either nothing was said, or nobody listened any more. */
async function explainSilence(listener: pg.Client): Promise<HopResult> {
  const { rows } = await listener.query<{ channel: string }>('SELECT pg_listening_channels() AS channel');
  if (!rows.some(({ channel }) => channel === PROBE_CHANNEL)) {
    return {
      hop: 'notification',
      state: 'fail',
      finding:
        'LISTEN did not last: the connection listens to nothing any more, as behind a pooler of transactions.',
      advice:
        "LISTEN needs a direct connection: point DATABASE_URL at PostgreSQL's own port (5432), not at the pooler's, or have the pooler keep sessions.",
      line: 'DATABASE_URL=postgres://USER:PASSWORD@HOST:5432/DATABASE',
    };
  }
  return meddledWith('The probe was written, and a client that listens heard nothing of it.');
}

function meddledWith(finding: string): HopResult {
  return {
    hop: 'notification',
    state: 'fail',
    finding,
    advice: 'See which triggers or rules of somebody else change what is written to the table "probe".',
    line: "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'public.probe'::regclass AND NOT tgisinternal;",
  };
}
