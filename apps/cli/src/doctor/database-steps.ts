import { findDifferences } from '@processflow/db/check';
import { createDb, createPool } from '@processflow/db/client';
import type { Difference } from '@processflow/events/postgres';
import pg from 'pg';

import { newNonce } from './context.ts';
import type { HopResult } from './hop.ts';
import { isProbeOf, PROBE_CHANNEL } from './probe.ts';
import { reasonOf } from './reason.ts';

export interface DatabaseStepsOptions {
  readonly connectionString: string;
  /** Whose probe is written; undefined: any team's. */
  readonly teamId: number | undefined;
  /** Milliseconds that an answer or a notification may take. */
  readonly answer: number;
}

export interface DatabaseFindings {
  /** Why no event can be made at all; undefined when some can. */
  readonly broken?: string;
  /** Whether a plain client heard the probe; undefined when that was not tried. */
  readonly heard?: boolean;
}

/** The hops within the database: what its catalog says, then what a plain LISTEN hears of a row that is written. */
export async function* databaseSteps(
  options: DatabaseStepsOptions,
): AsyncGenerator<HopResult, DatabaseFindings> {
  const trigger = await triggerStep(options);
  yield trigger.result;
  if (trigger.broken !== undefined) {
    yield { hop: 'notification', state: 'skip', finding: trigger.broken };
    return { broken: trigger.broken };
  }
  const notification = await notificationStep(options);
  yield notification;
  if (notification.state === 'skip') return {};
  return { heard: notification.state !== 'fail' };
}

async function triggerStep({ connectionString }: DatabaseStepsOptions) {
  const startedAt = Date.now();
  let differences: Difference[];
  try {
    await using db = createDb(createPool(connectionString, { max: 1, applicationName: 'doctor' }));
    differences = await findDifferences(db);
  } catch (error) {
    const result: HopResult = {
      hop: 'trigger',
      state: 'fail',
      finding: `The database could not be asked: ${reasonOf(error)}.`,
      advice: 'Check --database-url: it is the one that the server has as DATABASE_URL.',
      line: 'pnpm processflow doctor --database-url postgres://USER:PASSWORD@HOST:5432/DATABASE',
    };
    return { result, broken: 'The database could not be asked.' };
  }
  const [first, ...more] = differences;
  if (first === undefined) {
    const ms = Date.now() - startedAt;
    const finding = 'Every trigger is there, enabled, and as the definitions say.';
    return { result: { hop: 'trigger', state: 'ok', ms, finding } satisfies HopResult };
  }
  const others = more.length === 0 ? '' : ` ${more.length} more: pnpm db check names them all.`;
  const result: HopResult = {
    hop: 'trigger',
    state: 'fail',
    finding: `${first.what}: ${first.kind}. Expected: ${first.expected}. Found: ${first.found}.${others}`,
    advice: first.advice,
    line: first.repair === undefined ? 'pnpm db check' : 'pnpm db make-migration',
  };
  const isProbes = differences.some(({ channel, table }) => channel === PROBE_CHANNEL || table === undefined);
  return { result, ...(isProbes && { broken: 'The triggers it needs are not as they must be.' }) };
}

async function notificationStep({
  connectionString,
  teamId,
  answer,
}: DatabaseStepsOptions): Promise<HopResult> {
  const hop = 'notification';
  const listener = new pg.Client({
    connectionString,
    application_name: 'doctor',
    connectionTimeoutMillis: answer,
  });
  const writer = new pg.Client({
    connectionString,
    application_name: 'doctor',
    connectionTimeoutMillis: answer,
  });
  const lost: unknown[] = [];
  for (const client of [listener, writer]) client.on('error', (error) => lost.push(error));
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.all([listener.connect(), writer.connect()]);
    const nonce = newNonce();
    const isMine = isProbeOf(nonce);
    const outcome = Promise.withResolvers<'heard' | 'late'>();
    listener.on('notification', ({ channel, payload }) => {
      if (channel === PROBE_CHANNEL && isMine({ channel, ...(JSON.parse(payload ?? '{}') as object) })) {
        outcome.resolve('heard');
      }
    });
    await listener.query(`LISTEN ${PROBE_CHANNEL}`);
    const startedAt = performance.now();
    const { rowCount } = await writer.query(
      `INSERT INTO public.probe (team_id, profile_id, nonce)
       SELECT team_id, profile_id, $1 FROM public.profile_team
       WHERE is_owner AND ($2::int IS NULL OR team_id = $2) ORDER BY id LIMIT 1
       ON CONFLICT (profile_id, team_id) DO UPDATE SET nonce = excluded.nonce, asked_at = clock_timestamp()`,
      [nonce, teamId ?? null],
    );
    if (rowCount === 0) {
      return {
        hop,
        state: 'skip',
        finding: 'There is no team with an owner yet in whose name to write a probe.',
      };
    }
    timer = setTimeout(() => outcome.resolve('late'), answer);
    if ((await outcome.promise) === 'heard') {
      const ms = Math.round(performance.now() - startedAt);
      return { hop, state: 'ok', ms, finding: 'PostgreSQL announces what is committed to whoever listens.' };
    }
    return await explainSilence(listener, writer);
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
async function explainSilence(listener: pg.Client, writer: pg.Client): Promise<HopResult> {
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
  const role = await writer.query<{ value: string }>(
    `SELECT current_setting('session_replication_role') AS value`,
  );
  if (role.rows[0]?.value !== 'origin') {
    return {
      hop: 'notification',
      state: 'fail',
      finding: `Triggers do not fire here: session_replication_role is "${role.rows[0]?.value}".`,
      advice: 'Set it back where it was set: for the database, the role, or in the connection string.',
      line: 'ALTER DATABASE ... RESET session_replication_role;',
    };
  }
  return {
    hop: 'notification',
    state: 'fail',
    finding: 'The probe was written, and a client that listens heard nothing of it.',
    advice:
      "See whether PostgreSQL's queue of notifications is held up by a session that listens in a transaction.",
    line: 'SELECT pg_notification_queue_usage();',
  };
}
