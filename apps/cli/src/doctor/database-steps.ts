import { findDifferences } from '@processflow/db/check';
import { createDb, createPool } from '@processflow/db/client';
import type { Difference } from '@processflow/events/postgres';

import { DB_PROGRAM, PROGRAM } from '../program.ts';
import type { HopResult } from './hop.ts';
import { PROBE_CHANNEL } from './probe.ts';
import { isRefused, reasonOf } from './reason.ts';
import { notificationStep } from './step-notification.ts';

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

const CHECK = `${DB_PROGRAM} check`;

/** What to do about a difference, and the one line that does it. */
function cureOf({ kind, repair, advice }: Difference): { advice: string; line: string } {
  if (repair === undefined) return { advice, line: CHECK };
  const enable = kind === 'disabled' ? repair.last?.[0] : undefined;
  if (enable !== undefined) return { advice: 'Switch it on again, in the database:', line: `${enable};` };
  return {
    advice: 'Write the migration that closes this, which the next start of the app applies:',
    line: `${DB_PROGRAM} make-migration`,
  };
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
      advice:
        'Check --database-url: it is the one that the server has as DATABASE_URL, or the one that npm start prints, whose database runs only while the app does.',
      line: `${PROGRAM} doctor --database-url postgres://USER:PASSWORD@HOST:5432/DATABASE`,
      ...(isRefused(error) && { refused: true }),
    };
    return { result, broken: 'The database could not be asked.' };
  }
  const [first, ...more] = differences;
  if (first === undefined) {
    const ms = Date.now() - startedAt;
    const finding = 'Every trigger is there, enabled, and as the definitions say.';
    return { result: { hop: 'trigger', state: 'ok', ms, finding } satisfies HopResult };
  }
  const cure = cureOf(first);
  const where = cure.line === CHECK ? '' : `: ${CHECK} names them all`;
  const others = more.length === 0 ? '' : ` ${more.length} more${where}.`;
  const result: HopResult = {
    hop: 'trigger',
    state: 'fail',
    finding: `${first.what}: ${first.kind}. Expected: ${first.expected}. Found: ${first.found}.${others}`,
    ...cure,
  };
  const isProbes = differences.some(({ channel, table }) => channel === PROBE_CHANNEL || table === undefined);
  return { result, ...(isProbes && { broken: 'The triggers it needs are not as they must be.' }) };
}
