/** How long after the commit that takes a membership away its streams still hear of the team, on every server. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { createPool } from '../db/client.ts';
import { signIn, startAppProcess } from './lib/app-process.ts';
import { startDiskPostgres } from './lib/disk-postgres.ts';
import { PlainStream } from './lib/plain-stream.ts';
import { quantile } from './lib/spread.ts';

const ROUNDS = 200;
/** On each server: streams of the person who is removed, and of one who stays. */
const STREAMS = 3;
const BYSTANDERS = 50;
/** Milliseconds between the writes that the team hears meanwhile. */
const WRITE_EVERY = 10;
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
    const measured = await measure(pool, [near.url, far.url], rounds);
    const last = {
      p50: Number(quantile(measured.last, 0.5).toFixed(1)),
      p99: Number(quantile(measured.last, 0.99).toFixed(1)),
      max: Number(Math.max(...measured.last).toFixed(1)),
    };
    const met = last.p99 <= GOAL && measured.after === 0;
    const result = {
      bench: 'revocation',
      cores: availableParallelism(),
      processor: cpus()[0]?.model ?? 'unknown',
      /** What else the machine had to do, before. */
      load,
      servers: 2,
      rounds,
      streams: { ofTheRemoved: 2 * STREAMS, ofOthers: 2 * BYSTANDERS },
      writesPerSecond: measured.writesPerSecond,
      /** From the COMMIT that was sent to the last event of the team at each stream, in milliseconds. */
      millisecondsToTheLast: last,
      eventsAfterTheLeave: measured.after,
      goal: { p99: GOAL, met },
    };
    console.log(
      `${rounds} times a member was removed, with ${2 * STREAMS} streams of theirs on 2 servers, ${measured.writesPerSecond} writes/s in the team and ${2 * BYSTANDERS} streams of others.\n` +
        `From the commit to the last delivery: p50 ${last.p50} ms, p99 ${last.p99} ms, at most ${last.max} ms (goal: p99 of ${GOAL} ms). Heard after the leave: ${measured.after}.`,
    );
    if (values.json) console.log(JSON.stringify(result));
    return met ? 0 : 1;
  } finally {
    await pool.end();
  }
}

async function measure(pool: Pool, urls: readonly string[], rounds: number) {
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
  const writesPerSecond = await writing.stop();
  for (const stream of [...streams, ...others]) stream.close();
  return { last, after, writesPerSecond };
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

function startWriting(pool: Pool, team: number) {
  const stopping = new AbortController();
  const began = performance.now();
  let writes = 0;
  const done = (async () => {
    while (!stopping.signal.aborted) {
      // oxlint-disable no-await-in-loop -- at this pace
      await pool.query(`UPDATE role SET colour = $2 WHERE team_id = $1`, [team, `colour ${writes}`]);
      writes += 1;
      await delay(WRITE_EVERY);
      // oxlint-enable no-await-in-loop
    }
  })();
  return {
    async stop(): Promise<number> {
      stopping.abort();
      await done;
      return Math.round((1_000 * writes) / (performance.now() - began));
    },
  };
}
