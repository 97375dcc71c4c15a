import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { createServers, type Servers } from '../../../../db/change-log/servers.ts';
import { createDb, createPool } from '../../../../db/client.ts';
import { withDatabase } from '../../../../db/testing-server.ts';
import { listenForChanges } from './listen-for-changes.ts';
import { cursors, feedNaively } from './log-property-naive.ts';
import { channels, TABLES_SQL } from './log-property-tables.ts';
import { createPropertyHub, type Outcome, RING_LIMITS, runSchedule } from './log-property.ts';
import type { PropertyHub } from './log-property-subscriber.ts';
import { createChangeEvents, createChangeTriggers } from './triggers.ts';

vi.setConfig({ testTimeout: 120_000 });

let servers: Servers;
let server: string;

/** A server of one's own: it allows prepared transactions, and finds deadlocks before anybody has to wait. */
beforeAll(async () => {
  servers = await createServers();
  const first = await servers.start('property');
  {
    await using db = createDb(createPool(first.connectionString));
    const pool = createPool(first.connectionString);
    await pool.query(TABLES_SQL);
    await createChangeEvents(db);
    for (const [channel, definition] of Object.entries(channels)) {
      await createChangeTriggers(db, channel, definition);
    }
    await pool.end();
    await db.destroy();
  }
  await servers.stop('property');
  await servers.configure('property', 'max_prepared_transactions = 20', "deadlock_timeout = '5ms'");
  server = (await servers.start('property')).connectionString;
}, 60_000);

afterAll(() => servers[Symbol.asyncDispose]());

type Feed = (connectionString: string, hub: PropertyHub, at: number) => Promise<AsyncDisposable>;

interface World {
  /** SQL for the database before anything else. */
  readonly prepare?: string;
  readonly feed: Feed;
  readonly cut?: boolean;
}

/** Runs schedules until one goes wrong, at most so many. */
async function tryOut(name: string, tried: Iterable<number>, { prepare, feed, cut }: World) {
  await using stack = new AsyncDisposableStack();
  const admin = createPool(withDatabase(server, 'postgres'));
  stack.defer(() => admin.end());
  await admin.query(`CREATE DATABASE ${name} TEMPLATE processflow`);
  const connectionString = withDatabase(server, name);
  const pool = new pg.Pool({ connectionString, application_name: 'writer', max: 1 });
  stack.defer(() => pool.end());
  if (prepare !== undefined) await pool.query(prepare);
  const errors: unknown[] = [];
  const hubs = RING_LIMITS.map((limit) => createPropertyHub(limit, (error) => errors.push(error)));
  for (const [at, hub] of hubs.entries()) stack.use(await feed(connectionString, hub, at));
  const total = { schedules: 0, events: 0, resumes: 0, hubErrors: errors };
  for (const seed of tried) {
    const outcome: Outcome = await runSchedule({
      connectionString,
      seed,
      hubs,
      ...(cut === true && {
        cut: () =>
          pool.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name <> 'writer' ORDER BY random() LIMIT 1`,
          ),
      }),
    });
    total.schedules += 1;
    total.events += outcome.events;
    total.resumes += outcome.resumes;
    if (outcome.wrong.length > 0) return { ...total, seed, wrong: outcome.wrong };
  }
  return { ...total, seed: undefined, wrong: [] };
}

function* seeds(count: number): Iterable<number> {
  const given = process.env['LOG_PROPERTY_SEED'];
  if (given !== undefined) yield Number(given);
  else for (let seed = 1; seed <= count; seed += 1) yield seed;
}

const listening: Feed = (connectionString, hub, at) =>
  listenForChanges({
    definitions: channels,
    hub,
    connectionString,
    onError: () => undefined,
    marks: at === 0,
    longestPause: 50,
  });

const naively =
  (cursor: keyof typeof cursors): Feed =>
  (connectionString, hub) =>
    feedNaively(connectionString, hub, cursors[cursor]);

test('whatever the schedule, each subscriber hears what was committed and concerned it, once and each row in order', async () => {
  const result = await tryOut('listening', seeds(40), { feed: listening });
  expect(result).toMatchObject({ seed: undefined, wrong: [] });
});

test('the schedules find nothing wrong with a snapshot and the order of ids, however it is read', async () => {
  const result = await tryOut('naive', seeds(10), { feed: naively('a snapshot, ordered by id') });
  expect(result).toMatchObject({ seed: undefined, wrong: [] });
});

test('they find what a cursor of ids loses', async () => {
  const result = await tryOut('ids', seeds(40), { feed: naively('id > n') });
  expect(result.wrong).not.toEqual([]);
});

test('they find that in the order of transaction ids a row seems to go back', async () => {
  const result = await tryOut('xids', seeds(40), { feed: naively('a snapshot, ordered by xid') });
  expect(result.wrong).not.toEqual([]);
});

test('they find that with a sequence whose numbers sessions keep in stock a row seems to go back', async () => {
  const result = await tryOut('cached', seeds(40), {
    prepare: 'ALTER SEQUENCE change_event_seq CACHE 50',
    feed: listening,
  });
  expect(result.wrong).not.toEqual([]);
});
