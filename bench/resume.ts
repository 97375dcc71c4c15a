/** What it costs when a server restarts and everybody comes back at once, each with a position of their own. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { createPool } from '../db/client.ts';
import { startDiskPostgres } from './lib/disk-postgres.ts';
import { comeBack, comeBackFromElsewhere, hearAndBreakOff } from './lib/resume-lives.ts';
import { createTable } from './lib/writes-tables.ts';

const STREAMS = 5_000;
/** Changes that were heard before the restart, during which the streams break off at any point, and changes meanwhile. */
const CHANGES = { before: 200, away: 100 };
/** Reads of the log. "Tens, not thousands." */
const GOAL = 99;

/** Ends with 1 when the goal is missed, or an event. */
export async function bench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      streams: { type: 'string', default: String(STREAMS) },
    },
  });
  const streams = Number(values.streams);
  if (!Number.isInteger(streams) || streams < 1) {
    throw new Error(`--streams must be a whole number above 0, not "${values.streams}"`);
  }
  const load = Number(loadavg()[0]!.toFixed(2));
  await using server = await startDiskPostgres();
  const pool = createPool(server.connectionString, { applicationName: 'bench' });
  try {
    await createTable(pool, 'ours');
    const world = { pool, connectionString: server.connectionString, streams };
    const broken = await hearAndBreakOff(world, CHANGES);
    const resumed = await comeBack(world, broken);
    const elsewhere = await comeBackFromElsewhere(world);
    const met = [resumed, elsewhere].every(({ logReads, wrong }) => logReads <= GOAL && wrong === 0);
    const result = {
      bench: 'resume',
      cores: availableParallelism(),
      processor: cpus()[0]?.model ?? 'unknown',
      /** What else the machine had to do, before. */
      load,
      streams,
      changes: CHANGES,
      resumed,
      elsewhere,
      goal: { logReads: GOAL, met },
    };
    console.log(
      [
        `${streams} streams came back at once after a restart, each to hear of ${CHANGES.away} changes and more.`,
        `  ${resumed.logReads} reads of the log, ${resumed.scans} scans counted by the database (goal: ${GOAL} reads), ` +
          `${resumed.seconds} s until all had heard the last of ${resumed.events} events, ` +
          `${resumed.kilobytes} KB a stream, the process (hub and all clients in one) busy for ${resumed.stall} ms at a stretch, ${resumed.wrong} streams heard too much or too little`,
        'The same with positions that nobody knows:',
        `  ${elsewhere.logReads} reads of the log, ${elsewhere.scans} scans counted by the database, ` +
          `${elsewhere.seconds} s until all were told to start over, within ${elsewhere.spread} ms; ` +
          `${elsewhere.wrong} streams were told something else`,
        // Busy at a stretch for longer than a connection may take to be made, the process finds its time over before it
        // reads the answer ("timeout expired"), and makes it anew; what matters is that nothing was lost.
        ...[...resumed.errors, ...elsewhere.errors].map((error) => `  reported meanwhile: ${error}`),
        met ? 'Goal met.' : 'Goal MISSED.',
      ].join('\n'),
    );
    if (values.json) console.log(JSON.stringify(result));
    return met ? 0 : 1;
  } finally {
    await pool.end();
  }
}
