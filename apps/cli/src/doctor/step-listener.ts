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
 * Whether the server's own listener hears what is committed. The server itself says so, in an ordinary answer: a
 * proxy that holds streams back cannot make it look deaf.
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

function judge({ heardAfterMs }: ProbeAnswer, notificationHeard: boolean | undefined): HopResult {
  if (heardAfterMs === null) {
    const finding = "The probe's row was written, but the server's listener did not hear of it.";
    if (notificationHeard === true) {
      return {
        hop: 'listener',
        state: 'fail',
        finding,
        advice:
          "The database announces it, so it is the server's listening connection: LISTEN needs a direct connection, point DATABASE_URL at PostgreSQL's own port, not at the pooler's, and see the server's output for why it cannot connect.",
        line: DIRECT,
      };
    }
    return {
      hop: 'listener',
      state: 'fail',
      finding,
      advice:
        'Either a trigger is missing or the listening connection is: run this on the server to see which. LISTEN needs a direct connection to port 5432, not to a pooler.',
      line: `${PROGRAM} doctor --database-url "$DATABASE_URL"`,
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
