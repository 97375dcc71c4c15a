import pg from 'pg';
import { vi } from 'vitest';

import type { AnyChangeEvent } from '../event.ts';
import { createHub } from '../server/hub.ts';
import { createRandom, type Random } from './log-property-random.ts';
import {
  createSubscriber,
  type Person,
  type PropertyHub,
  type Subscriber,
  type Temper,
} from './log-property-subscriber.ts';
import { channels, ROWS_SQL } from './log-property-tables.ts';
import { openWriters } from './log-property-writers.ts';

/** Of which one answers what it can from memory, and the other asks the log whatever it is asked. */
export const RING_LIMITS = [5_000, 0];

export function createPropertyHub(ringLimit: number, onError: (error: unknown) => void): PropertyHub {
  return createHub<Person, Person, AnyChangeEvent>({
    definitions: channels,
    access: {
      channels: new Set(),
      topics: ({ teams }) => teams.map((team) => `team:${team}`),
      expiresAt: () => Number.MAX_SAFE_INTEGER,
      narrow: (viewer) => viewer,
      widen: (viewer) => viewer,
    },
    load: (keys) => Promise.resolve(keys),
    onError,
    ringLimit,
  });
}

const WRITERS = 4;
const STEPS = 120;
/** Of rows that say that everything before them was committed. */
const SENTINEL = -1;

export interface Schedule {
  readonly connectionString: string;
  readonly seed: number;
  readonly hubs: readonly PropertyHub[];
  /** One more subscriber for each: it breaks off once, after so many frames, and comes back at once. */
  readonly breakAfter?: readonly number[];
  /** Cuts connections of the servers under test now and then. */
  readonly cut?: () => Promise<unknown>;
}

export interface Outcome {
  /** What somebody heard and should not, or should and did not; empty: as it must be. */
  readonly wrong: readonly string[];
  readonly events: number;
  readonly resumes: number;
  readonly truncated: number;
  readonly prepared: number;
}

const people: readonly Person[] = [
  { teams: [1] },
  { teams: [2] },
  { teams: [1, 2] },
  { teams: [1, 2] },
  { teams: [1, 2], channels: ['task_changes'] },
  { teams: [2], channels: ['note_changes', 'project_changes'] },
];

const restless = (random: Random): Temper => ({
  breaksAtOnce: () => random.chance(0.1),
  breaksAfter: () => random.chance(0.06),
  impatient: false,
});

const breaksOnce = (after: number): Temper => ({
  breaksAtOnce: () => false,
  breaksAfter: (frames) => frames === after,
  impatient: true,
});

/**
 * Lets writers and streams take steps in an order that the seed tells, ends whatever is open, and compares what each
 * subscriber heard, row by row, with what was committed and concerned it.
 */
export async function runSchedule({
  connectionString,
  seed,
  hubs,
  breakAfter = [],
  cut,
}: Schedule): Promise<Outcome> {
  const random = createRandom(seed);
  const control = new pg.Client({ connectionString, application_name: 'writer' });
  await control.connect();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => control.end());
  await control.query(ROWS_SQL);
  const writers = stack.use(await openWriters(connectionString, random, WRITERS));
  const subscribers = [
    ...people.map((person, at) => createSubscriber(person, restless(createRandom(seed * 31 + at)))),
    ...breakAfter.map((frames) => createSubscriber({ teams: [1, 2] }, breaksOnce(frames))),
  ];
  stack.defer(() => subscribers.forEach((subscriber) => subscriber.disconnect()));
  await Promise.all(subscribers.map((subscriber) => subscriber.connect(random.pick(hubs))));

  for (let steps = 0; steps < STEPS; steps += 1) {
    await writers.step();
    for (const subscriber of subscribers) {
      if (subscriber.impatient && !subscriber.connected) void subscriber.connect(random.pick(hubs));
    }
    const subscriber = random.pick(subscribers);
    if (subscriber.impatient || !random.chance(0.15)) continue;
    if (subscriber.connected) subscriber.disconnect();
    // Not awaited: what it missed is read while the writers go on.
    else void subscriber.connect(random.pick(hubs));
    if (cut !== undefined && random.chance(0.1)) await cut();
  }
  await writers.finish();

  for (const subscriber of subscribers) {
    subscriber.stay();
    if (!subscriber.connected) void subscriber.connect(random.pick(hubs));
  }
  for (const team of [1, 2]) {
    await control.query(`INSERT INTO project VALUES (${SENTINEL - team}, ${team}, 0)`);
  }
  for (const team of [1, 2]) {
    await control.query(`INSERT INTO note VALUES (${SENTINEL - team}, ${team}, 0);
      INSERT INTO task VALUES (${SENTINEL - team}, ${SENTINEL - team}, ${team}, 0)`);
  }
  const { rows } = await control.query<Fact>(
    'SELECT channel, operation, id, team, version FROM audit ORDER BY n',
  );
  const wrong = await Promise.all(subscribers.map((subscriber) => compare(subscriber, rows)));
  return {
    wrong: wrong.flatMap((list, at) => list.map((text) => `subscriber ${at}: ${text}`)),
    events: rows.length,
    truncated: rows.filter(({ operation }) => operation === 'TRUNCATE').length,
    prepared: writers.prepared,
    resumes: subscribers.reduce((sum, { resumes }) => sum + resumes, 0),
  };
}

interface Fact {
  readonly channel: string;
  readonly operation: string;
  readonly id: number | null;
  readonly team: number | null;
  readonly version: number | null;
}

async function compare(subscriber: Subscriber, facts: readonly Fact[]): Promise<string[]> {
  const { teams, channels: selected } = subscriber.person;
  const heardOn = ({ channel }: { channel: string }): boolean => selected?.includes(channel) ?? true;
  const due = facts.filter(
    (fact) => heardOn(fact) && (fact.operation === 'TRUNCATE' || teams.includes(fact.team ?? 0)),
  );
  const expected = byRow(due.filter(({ operation }) => operation !== 'TRUNCATE'));
  const truncated = new Set(
    due.filter(({ operation }) => operation === 'TRUNCATE').map(({ channel }) => channel),
  );
  // The sentinels were committed last. What has not come by the time they have will never come.
  const sentinels = due.filter(({ id }) => id !== null && id <= SENTINEL).length;
  const arrived = (): boolean =>
    subscriber.heard.filter((event) => Number(event['id']) <= SENTINEL).length >= sentinels;
  await vi.waitUntil(arrived, { timeout: 10_000, interval: 5 }).catch(() => undefined);
  const heard = byRow(subscriber.heard as unknown as readonly Fact[]);
  const wrong = subscriber.startedOver.map((reason) => `was told to start over: ${reason}`);
  for (const row of new Set([...expected.keys(), ...heard.keys()])) {
    const [want, got] = [expected.get(row) ?? [], heard.get(row) ?? []].map((list) => list.join(' '));
    if (want !== got)
      wrong.push(
        `${fault(expected.get(row) ?? [], heard.get(row) ?? [])}: ${row}: heard [${got}] of [${want}]`,
      );
  }
  for (const channel of truncated.symmetricDifference(subscriber.truncated)) {
    wrong.push(`${channel}: ${truncated.has(channel) ? 'was not told' : 'was told'} of a truncated table`);
  }
  return wrong;
}

/** What is wrong with a row's events. */
export type Fault = 'lost' | 'too many' | 'out of order';

function fault(want: readonly string[], got: readonly string[]): Fault {
  const left = [...got];
  const lost = want.filter((one) => !left.includes(one) || left.splice(left.indexOf(one), 1).length === 0);
  return lost.length > 0 ? 'lost' : left.length > 0 ? 'too many' : 'out of order';
}

function byRow(facts: readonly Fact[]): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const { channel, operation, id, team, version } of facts) {
    const row = `${channel} ${id}`;
    const list = rows.get(row) ?? [];
    rows.set(row, list);
    list.push(`${operation[0]}${team}.${version}`);
  }
  return rows;
}
