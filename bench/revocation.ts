/** How long after the commit that takes a membership away its streams still hear of the team, on every server. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { createPool } from '../db/client.ts';
import { buildWebIfStale } from '../scripts/web.ts';
import { signIn, startAppProcess } from './lib/app-process.ts';
import { startDiskPostgres } from './lib/disk-postgres.ts';
import { PlainStream } from './lib/plain-stream.ts';
import {
  BUSY_WRITERS,
  startHammering,
  startWriting,
  WRITE_EVERY,
  type Writing,
} from './lib/revocation-writers.ts';
import { quantile } from './lib/spread.ts';

const ROUNDS = 200;
/** On each server: streams of the person who is removed, and of one who stays. */
const STREAMS = 3;
const BYSTANDERS = 50;
/** Milliseconds, on two cores. */
const GOAL = 1_000;
const PASSWORD = 'processflow-demo';

type Pool = ReturnType<typeof createPool>;
type Event = Record<string, unknown>;

/** Ends with 1 when anything was heard too late, or after the leave. */
export async function bench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: String(ROUNDS) },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds=${values.rounds} is no number above 0`);
  // The servers are whole ones, as `npm start` runs them; they do not start without the app that they serve.
  if (!(await buildWebIfStale())) return 1;
  const load = Number(loadavg()[0]!.toFixed(2));
  await using server = await startDiskPostgres();
  const settings = {
    DATABASE_URL: server.connectionString,
    AUTH_SECRET: 'a secret of no worth, for benchmarks alone',
    DEMO: '1',
    STREAMS_PER_VIEWER: '100',
  };
  await using near = await startAppProcess(settings);
  await using far = await startAppProcess(settings);
  const pool = createPool(server.connectionString, { applicationName: 'bench' });
  try {
    const urls = [near.url, far.url];
    const calm = await measure(pool, urls, rounds);
    const busy = await measure(pool, urls, rounds, await startHammering(pool));
    const met = [calm, busy].every(
      ({ millisecondsToTheLast, afterTheLeave }) => millisecondsToTheLast.p99 <= GOAL && afterTheLeave === 0,
    );
    const result = {
      bench: 'revocation',
      cores: availableParallelism(),
      processor: cpus()[0]?.model ?? 'unknown',
      /** What else the machine had to do, before. */
      load,
      servers: 2,
      rounds,
      streams: { ofTheRemoved: 2 * STREAMS, ofOthers: 2 * BYSTANDERS },
      calm,
      busy,
      goal: { p99: GOAL, met },
    };
    console.log(
      [
        `${rounds} times a member was removed, with ${2 * STREAMS} streams of theirs on 2 servers and ${2 * BYSTANDERS} streams of others.`,
        'From the commit to the last delivery, in milliseconds:',
        `  at ${calm.writesPerSecond} writes/s in the team: ${line(calm)}`,
        `  with ${BUSY_WRITERS} busy writers elsewhere, ${busy.writesPerSecond} writes/s in all: ${line(busy)}`,
        `Goal: p99 of ${GOAL} ms and nothing heard after the leave; ${met ? 'met' : 'missed'}.`,
      ].join('\n'),
    );
    if (values.json) console.log(JSON.stringify(result));
    return met ? 0 : 1;
  } finally {
    await pool.end();
  }
}

interface Measured {
  readonly writesPerSecond: number;
  /** From the COMMIT that was sent to the last event of the team at each stream. */
  readonly millisecondsToTheLast: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Events of the team that came after the leave. */
  readonly afterTheLeave: number;
}

async function measure(
  pool: Pool,
  urls: readonly string[],
  rounds: number,
  besides?: Writing,
): Promise<Measured> {
  const team = (await pool.query<{ id: number }>(`SELECT id FROM team WHERE name = 'Demo'`)).rows[0]!.id;
  const bo = (await pool.query<{ id: string }>(`SELECT id FROM profile WHERE email = 'bo@example.com'`))
    .rows[0]!.id;
  const ofTeam = (data: Event): boolean => data['team_id'] === team || data['channel'] === 'resync';
  const cookies = {
    ada: await signIn(urls[0]!, 'ada@example.com', PASSWORD),
    bo: await signIn(urls[0]!, 'bo@example.com', PASSWORD),
  };
  const open = (url: string, count: number, cookie: string, keep: (data: Event) => boolean) =>
    Array.from({ length: count }, () => new PlainStream(url, cookie, keep));
  const streams = urls.flatMap((url) => open(url, STREAMS, cookies.bo, ofTeam));
  const others = urls.flatMap((url) => open(url, BYSTANDERS, cookies.ada, () => false));
  await Promise.all([...streams, ...others].map((stream) => stream.open()));

  const began = performance.now();
  const writing = startWriting(pool, team);
  const last: number[] = [];
  let after = 0;
  for (let round = 0; round < rounds; round += 1) {
    // oxlint-disable no-await-in-loop -- one after the other
    await delay(20 + 60 * Math.random());
    const from = streams.map((stream) => stream.arrived.length);
    const sent = await commit(
      pool,
      `DELETE FROM profile_team WHERE team_id = $1 AND profile_id = $2`,
      team,
      bo,
    );
    const isLeave = (data: Event): boolean =>
      data['channel'] === 'profile_team_changes' &&
      data['operation'] === 'DELETE' &&
      data['profile_id'] === bo;
    await Promise.all(streams.map((stream, index) => stream.next(isLeave, from[index])));
    // What would come wrongly has time to come.
    await delay(5 * WRITE_EVERY);
    const left = streams.map((stream) => stream.arrived.length);
    for (const [index, stream] of streams.entries()) {
      const heard = stream.arrived.slice(from[index]);
      last.push(heard.at(-1)!.at - sent);
      // That their roles went with it is theirs to hear.
      after += heard
        .slice(heard.findIndex(({ data }) => isLeave(data)) + 1)
        .filter(({ data }) => data['profile_id'] !== bo).length;
    }
    await commit(pool, `INSERT INTO profile_team (team_id, profile_id) VALUES ($1, $2)`, team, bo);
    const isBack = (data: Event): boolean => data['channel'] === 'resync';
    await Promise.all(streams.map((stream, index) => stream.next(isBack, left[index])));
    for (const stream of streams) stream.arrived.length = 0;
    // oxlint-enable no-await-in-loop
  }
  const writes = (await writing.stop()) + ((await besides?.stop()) ?? 0);
  const seconds = (performance.now() - began) / 1_000;
  for (const stream of [...streams, ...others]) stream.close();
  const round = (value: number): number => Number(value.toFixed(1));
  return {
    writesPerSecond: Math.round(writes / seconds),
    millisecondsToTheLast: {
      p50: round(quantile(last, 0.5)),
      p99: round(quantile(last, 0.99)),
      max: round(Math.max(...last)),
    },
    afterTheLeave: after,
  };
}

function line({ millisecondsToTheLast: { p50, p99, max }, afterTheLeave }: Measured): string {
  return `p50 ${p50}, p99 ${p99}, at most ${max}; heard after the leave: ${afterTheLeave}`;
}

/** Gives the moment when COMMIT was sent. */
async function commit(pool: Pool, statement: string, ...values: unknown[]): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(statement, values);
    const sent = performance.now();
    await client.query('COMMIT');
    return sent;
  } finally {
    client.release();
  }
}
