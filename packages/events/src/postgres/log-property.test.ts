import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { createServers, type Servers } from '../../../../db/change-log/servers.ts';
import { createDb, createPool } from '../../../../db/client.ts';
import { withDatabase } from '../../../../db/testing-server.ts';
import { type ChangeListener, listenForChanges } from './listen-for-changes.ts';
import { cursors, feedNaively } from './log-property-naive.ts';
import { channels, TABLES_SQL } from './log-property-tables.ts';
import { createPropertyHub, type Fault, type Outcome, RING_LIMITS, runSchedule } from './log-property.ts';
import type { PropertyHub } from './log-property-subscriber.ts';
import { type Pump, startPump } from './pump.ts';
import { createChangeEvents, createChangeTriggers } from './triggers.ts';

vi.setConfig({ testTimeout: 120_000 });

let servers: Servers;
let server: string;

/** A server of one's own: it allows prepared transactions, and finds deadlocks before anybody has to wait. */
beforeAll(async () => {
  servers = await createServers();
  const first = await servers.start('property');
  {
    const pool = createPool(first.connectionString);
    await using db = createDb(pool);
    await pool.query(TABLES_SQL);
    await createChangeEvents(db);
    for (const [channel, definition] of Object.entries(channels)) {
      await createChangeTriggers(db, channel, definition);
    }
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
  readonly breakAfter?: readonly number[];
  /** Only this counts as wrong, and no error does. Default: whatever is wrong. */
  readonly finding?: Fault;
}

/** Runs schedules until one goes wrong, at most so many. */
async function tryOut(
  name: string,
  tried: Iterable<number>,
  { prepare, feed, cut, breakAfter = [], finding }: World,
) {
  await using stack = new AsyncDisposableStack();
  const admin = createPool(withDatabase(server, 'postgres'));
  stack.defer(() => admin.end());
  await admin.query(`CREATE DATABASE ${name} TEMPLATE processflow`);
  const connectionString = withDatabase(server, name);
  const client = new pg.Client({ connectionString, application_name: 'writer' });
  await client.connect();
  stack.defer(() => client.end());
  if (prepare !== undefined) await client.query(prepare);
  const errors: unknown[] = [];
  const hubs = RING_LIMITS.map((limit) => createPropertyHub(limit, (error) => errors.push(error)));
  for (const [at, hub] of hubs.entries()) stack.use(await feed(connectionString, hub, at));
  const total = { schedules: 0, events: 0, resumes: 0, truncated: 0, prepared: 0 };
  for (const seed of tried) {
    const outcome: Outcome = await runSchedule({
      connectionString,
      seed,
      hubs,
      breakAfter,
      ...(cut === true && {
        cut: () =>
          client.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name <> 'writer' ORDER BY random() LIMIT 1`,
          ),
      }),
    });
    total.schedules += 1;
    total.events += outcome.events;
    total.resumes += outcome.resumes;
    total.truncated += outcome.truncated;
    total.prepared += outcome.prepared;
    const reported = errors.splice(0).map(String);
    const wrong =
      finding === undefined
        ? [...outcome.wrong, ...reported]
        : outcome.wrong.filter((text) => text.includes(`: ${finding}: `));
    if (wrong.length > 0) return { ...total, seed, wrong };
  }
  return { ...total, seed: undefined, wrong: [] };
}

function* seeds(count: number): Iterable<number> {
  const given = process.env['LOG_PROPERTY_SEED'];
  if (given !== undefined) yield Number(given);
  else for (let seed = 1; seed <= count; seed += 1) yield seed;
}

/** The listener as an application has it. Every second one reads the log itself, whatever the pump says. */
function listening({ pump }: { pump: boolean }) {
  const listeners: ChangeListener[] = [];
  const pumps: Pump[] = [];
  const feed: Feed = async (connectionString, hub, at) => {
    const onError = (): void => undefined;
    await using opening = new AsyncDisposableStack();
    listeners.push(
      opening.use(
        await listenForChanges({
          definitions: channels,
          hub,
          connectionString,
          onError,
          marks: at === 0,
          pump: false,
          longestPause: 50,
        }),
      ),
    );
    // So eager, and so easily tired, that it takes over and gives back many times in a schedule.
    const limits = { wakeAbove: 20, sleepBelow: 20, calmFor: 25 };
    if (pump)
      pumps.push(
        opening.use(startPump({ connectionString, channels: Object.keys(channels), onError, limits })),
      );
    return opening.move();
  };
  return { feed, listeners, pumps };
}

const naively =
  (cursor: keyof typeof cursors): Feed =>
  (connectionString, hub) =>
    feedNaively(connectionString, hub, cursors[cursor]);

const right = { seed: undefined, wrong: [] };
const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);

test('whatever the schedule, each subscriber hears what was committed and concerned it, once and each row in order', async () => {
  const { feed } = listening({ pump: false });
  const result = await tryOut('listening', seeds(15), { feed });
  expect(result).toMatchObject(right);
  for (const count of [result.resumes, result.truncated, result.prepared]) expect(count).toBeGreaterThan(0);
});

test('so they do while a pump comes and goes, and connections break', async () => {
  const { feed, listeners, pumps } = listening({ pump: true });
  expect(await tryOut('pumping', seeds(10), { feed, cut: true })).toMatchObject(right);
  expect(sum(pumps.map(({ metrics }) => metrics.wakes))).toBeGreaterThan(0);
  expect(sum(listeners.map(({ metrics }) => metrics.marksTaken))).toBeGreaterThan(0);
});

test('so does a subscriber that breaks off after the first frame, or the second, or any other', async () => {
  const { feed } = listening({ pump: false });
  const breakAfter = Array.from({ length: 60 }, (_, at) => at + 1);
  const result = await tryOut('breaking', seeds(3), { feed, breakAfter });
  expect(result).toMatchObject(right);
  expect(result.resumes).toBeGreaterThan(100);
});

test('the schedules find nothing wrong with a snapshot and the order of ids, however it is read', async () => {
  expect(await tryOut('naive', seeds(5), { feed: naively('a snapshot, ordered by id') })).toMatchObject(
    right,
  );
});

test('they find what a cursor of ids loses', async () => {
  const result = await tryOut('ids', seeds(40), { feed: naively('id > n'), finding: 'lost' });
  expect(result.wrong).not.toEqual([]);
});

test('they find that in the order of transaction ids a row seems to go back', async () => {
  const result = await tryOut('xids', seeds(40), {
    feed: naively('a snapshot, ordered by xid'),
    finding: 'out of order',
  });
  expect(result.wrong).not.toEqual([]);
});

test('they find that with a sequence whose numbers sessions keep in stock a row seems to go back', async () => {
  const result = await tryOut('cached', seeds(40), {
    prepare: 'ALTER SEQUENCE change_event_seq CACHE 50',
    feed: listening({ pump: false }).feed,
    finding: 'out of order',
  });
  expect(result.wrong).not.toEqual([]);
});
