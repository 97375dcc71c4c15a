import { keys } from '@processflow/events/react';
import { QueryClient } from '@tanstack/react-query';

import { type Address, chooseTeam, type Client, createClient, readAddress, type Team } from '../client.ts';
import { COMMON_OPTIONS, CommandError, EXIT, type Io, readOptions, readTeam } from '../command.ts';
import { PROGRAM } from '../program.ts';
import { createStyle, safeJson, wantsColor } from '../style.ts';
import { PATIENCE, type Patience, runBrowserSteps } from './browser-steps.ts';
import { type DatabaseFindings, databaseSteps } from './database-steps.ts';
import { firstFailing, type Hop, HOPS, type HopResult } from './hop.ts';
import { httpVersionOf } from './http-version.ts';
import { PROBE_CHANNEL, PROBE_KEY } from './probe.ts';
import { hopText, summaryText } from './report.ts';

export const DOCTOR_HELP = `Usage: ${PROGRAM} doctor [--team 1] [--database-url postgres://...] [options]

Sends a real event the whole way, from the trigger to a cache, and says of each hop how it is. Of what fails it says
the line to add or change. The event is its own: nobody but who asks hears it, and nothing depends on it. The last
hop, invalidation, is tried with a rule of its own; the page /doctor tries the web app's rules.

  --url <address>          Where ProcessFlow is, as browsers see it. Default: PROCESSFLOW_URL, or http://localhost:3000.
  --token <token>          An API token, made on the Team page. Default: PROCESSFLOW_TOKEN, which other people on this
                           machine cannot see. Without one, only the database is looked at.
  --database-url <url>     The server's own DATABASE_URL, to look at the triggers and notifications too.
                           Default: DATABASE_URL. It writes one row in the table "probe".
  --team <number>          The team; not needed when the token opens one alone.
  --quick                  Do not wait for the stream's heartbeat, which takes up to 20 s.
  --timeout <seconds>      How long an answer, a frame or an event may take. Default: 5.
  --json                   One JSON object: { ok, failing, hops: [{ hop, state, ms, finding, advice, line, refused }] }.
  --color, --no-color      Default: on a terminal, unless NO_COLOR is set.

Exit codes: 0 all is well (warnings included), 1 a hop fails, 2 not understood, 130 stopped with Ctrl-C.
`;

const DOCTOR_OPTIONS = {
  ...COMMON_OPTIONS,
  'database-url': { type: 'string' },
  timeout: { type: 'string', default: '5' },
  quick: { type: 'boolean', default: false },
} as const;

const SECOND = 1000;

/** `processflow doctor`; resolves with the exit code. */
export async function doctor(args: string[], io: Io): Promise<number> {
  const values = readOptions('doctor', args, DOCTOR_OPTIONS, io.env);
  if (values.help) {
    io.out(DOCTOR_HELP);
    return EXIT.ok;
  }
  const teamId = readTeam(values.team);
  const address = readAddress(values, io);
  const connectionString = values['database-url'] ?? (io.env['DATABASE_URL'] || undefined);
  if (address.headers === undefined && connectionString === undefined) {
    throw new CommandError(
      EXIT.usage,
      'Say what to look at: an API token, which an owner makes on the Team page (PROCESSFLOW_TOKEN or --token), or a database (DATABASE_URL or --database-url), or both.',
    );
  }
  const { origin, headers } = address;
  const style = createStyle(wantsColor(values.color, io.env, io.isColorful));
  const results: HopResult[] = [];
  const walked = walk({
    address: headers === undefined ? undefined : { origin, headers },
    connectionString,
    teamId,
    patience: { answer: readTimeout(values.timeout), ping: values.quick ? 0 : PATIENCE.ping },
    signal: io.signal,
  });
  for await (const result of walked) {
    if (io.signal.aborted) break;
    results.push(result);
    if (!values.json) io.out(hopText(result, style));
  }
  if (io.signal.aborted) return EXIT.interrupted;
  const failing = firstFailing(results);
  if (values.json) {
    io.out(`${safeJson({ ok: failing === undefined, failing: failing?.hop ?? null, hops: results })}\n`);
  } else {
    io.out(summaryText(results, style));
  }
  return failing === undefined ? EXIT.ok : EXIT.error;
}

function readTimeout(seconds: string): number {
  if (/^\d{1,3}(\.\d+)?$/.test(seconds) && Number(seconds) > 0) return Number(seconds) * SECOND;
  throw new CommandError(
    EXIT.usage,
    `--timeout is a number of seconds, as in --timeout 5, not "${seconds}".`,
  );
}

interface WalkOptions {
  readonly address: Address | undefined;
  readonly connectionString: string | undefined;
  readonly teamId: number | undefined;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

async function* walk(options: WalkOptions): AsyncGenerator<HopResult> {
  const { address, connectionString, teamId, signal, patience } = options;
  const timeLimit = () => AbortSignal.any([signal, AbortSignal.timeout(patience.answer)]);
  const client = address && createClient(address);
  const asked = client && (await askForTeam(client, teamId, timeLimit()));

  let findings: DatabaseFindings = {};
  if (connectionString === undefined) {
    yield* skip(['trigger', 'notification'], 'No --database-url was given.');
  } else {
    const wanted = teamId ?? asked?.team?.id;
    findings = yield* databaseSteps({ connectionString, teamId: wanted, answer: patience.answer });
  }
  if (signal.aborted) return;
  if (address === undefined || client === undefined || asked === undefined) {
    yield* skip(HOPS.slice(HOPS.indexOf('server')), 'No API token was given.');
    return;
  }
  const queryClient = new QueryClient();
  const waitMs = Math.min(patience.answer, 3 * SECOND);
  const team = asked.team?.id ?? 0;
  yield* runBrowserSteps({
    ...address,
    teamId: team,
    authorize: async () => {
      if (asked.team === undefined) throw asked.error;
    },
    probe: (nonce) =>
      client.realtime.probe.mutate(
        { teamId: team, nonce, waitMs },
        { signal: AbortSignal.any([signal, AbortSignal.timeout(waitMs + patience.answer)]) },
      ),
    httpVersion: () => httpVersionOf(address.origin, timeLimit()),
    queryClient,
    rules: { [PROBE_CHANNEL]: { all: keys(PROBE_KEY) } },
    patience,
    signal,
    notificationHeard: findings.heard,
    ...(findings.broken !== undefined && { broken: findings.broken }),
  });
  queryClient.clear();
}

/** The team to ask about, or why the server did not say; a team that is not there is the caller's mistake. */
async function askForTeam(
  client: Client,
  wanted: number | undefined,
  signal: AbortSignal,
): Promise<{ team: Team; error?: undefined } | { team?: undefined; error: unknown }> {
  try {
    return { team: chooseTeam(await client.team.mine.query(undefined, { signal }), wanted) };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    return { error };
  }
}

function* skip(hops: readonly Hop[], finding: string): Generator<HopResult> {
  for (const hop of hops) yield { hop, state: 'skip', finding };
}
