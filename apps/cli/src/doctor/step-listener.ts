import { PROGRAM } from '../program.ts';
import { type Judged, newNonce, seconds, type StepContext } from './context.ts';
import type { HopResult } from './hop.ts';
import type { ProbeAnswer } from './probe.ts';
import { reasonOf } from './reason.ts';

/** A change that takes longer to the server's hub than this is late, in milliseconds. */
const LATE = 1000;

export interface ListenerJudged extends Judged {
  /** How far this clock is ahead of the server's, in milliseconds; undefined when the server did not answer. */
  readonly clockAhead: number | undefined;
}

/**
 * Whether the server hears what is committed, by notification or only by reading the change log. The server itself
 * says so, in an ordinary answer: a proxy that holds streams back cannot make it look deaf.
 */
export async function listenerStep(context: StepContext): Promise<ListenerJudged> {
  const sentAt = Date.now();
  let answer: ProbeAnswer;
  try {
    answer = await context.probe(newNonce());
  } catch (error) {
    const finding = `The server did not take the probe: ${reasonOf(error)}`;
    const advice = 'If it is the proxy that refuses, let POST requests through to /api/trpc.';
    return { result: { hop: 'listener', state: 'fail', finding, advice }, clockAhead: undefined };
  }
  const answeredAt = Date.now();
  const travel = (answeredAt - sentAt - (answer.heardAfterMs ?? 0)) / 2;
  // A server that waited in vain says nothing of its travel.
  const clockAhead = answeredAt - answer.now - (answer.heardAfterMs === null ? 0 : Math.max(travel, 0));
  return { result: judge(answer, context.notificationHeard), clockAhead };
}

const DIRECT = 'DATABASE_URL=postgres://USER:PASSWORD@HOST:5432/DATABASE';
const CONNECTIONS =
  "SELECT application_name, state, wait_event_type, query_start FROM pg_stat_activity WHERE application_name IN ('listener', 'log-reader');";

function judge({ heardAfterMs, notified }: ProbeAnswer, notificationHeard: boolean | undefined): HopResult {
  if (heardAfterMs === null) {
    const finding =
      "The probe's row was written, but the server neither heard of it nor read it in the change log.";
    if (notificationHeard === true) {
      return {
        hop: 'listener',
        state: 'fail',
        finding,
        advice:
          "The database announces it, so it is the server's own two connections, by which it listens and reads: see the server's output for why they fail, and what between it and PostgreSQL cuts connections or holds them back. In the database:",
        line: CONNECTIONS,
      };
    }
    return {
      hop: 'listener',
      state: 'fail',
      finding,
      advice:
        "Either a trigger is missing, or the server's connections to the database are dead: run this on the server to see which.",
      line: `${PROGRAM} doctor --database-url "$DATABASE_URL"`,
    };
  }
  if (notified === false) {
    return {
      hop: 'listener',
      state: 'warn',
      ms: heardAfterMs,
      finding: `PostgreSQL's notification did not reach the server, which found the probe in the change log after ${seconds(heardAfterMs)}: all comes, but up to a second late.`,
      advice:
        "LISTEN needs a direct connection: point the server's DATABASE_URL at PostgreSQL's own port, not at the pooler's.",
      line: DIRECT,
    };
  }
  if (heardAfterMs > LATE) {
    return {
      hop: 'listener',
      state: 'warn',
      ms: heardAfterMs,
      finding: `The server heard the probe only after ${seconds(heardAfterMs)}.`,
      advice: 'Something keeps PostgreSQL or the server busy; look for transactions that stay open.',
      line: "SELECT pid, now() - xact_start AS open, query FROM pg_stat_activity WHERE state <> 'idle' ORDER BY 2 DESC;",
    };
  }
  return { hop: 'listener', state: 'ok', ms: heardAfterMs, finding: 'The server hears what is committed.' };
}
