import type pg from 'pg';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import type { Replay } from '../batch.ts';
import { startPump } from './pump.ts';
import { useOwnServer } from '../testing-helpers/own-server.ts';
import { migrateTemplate, nameOf, openSource, ways } from '../testing-helpers/source-world.ts';

beforeAll(() => useOwnServer(), 60_000);
beforeAll(migrateTemplate, 60_000);

const namesOf = (replay: Replay) =>
  replay.kind === 'events' ? replay.announcements.map(nameOf) : replay.reason;

/** Transactions of one writer: some rows move a version on, now and then in vain. Returns what was committed. */
async function writeMany(client: pg.Client, row: number, rounds: number): Promise<string[]> {
  const committed: string[] = [];
  for (let version = 1; version <= rounds; version += 1) {
    await client.query('BEGIN');
    await client.query('UPDATE thing SET version = version + 1 WHERE id = $1', [row]);
    if (version % 3 === 0) await client.query('SELECT pg_sleep(0.002)');
    if (version % 5 === 0) {
      await client.query('ROLLBACK');
      continue;
    }
    const { rows } = await client.query<{ version: number }>('SELECT version FROM thing WHERE id = $1', [
      row,
    ]);
    await client.query('COMMIT');
    committed.push(`${row}.${rows[0]?.version}`);
  }
  return committed;
}

describe.each(ways)('by %s', (way) => {
  test('the sink gets each committed event once, each row in the order of its commits, batch after batch', async () => {
    await using world = await openSource(way);
    await world.pool.query('INSERT INTO thing SELECT id, 0 FROM generate_series(1, 4) id');
    const clients = await Promise.all([world.client(), world.client(), world.client(), world.client()]);
    const committed = await Promise.all(clients.map((client, at) => writeMany(client, at + 1, 25)));
    expect(await world.told(4 + 4 * 20)).toHaveLength(4 + 4 * 20);
    for (const [at, names] of committed.entries()) {
      expect(world.sink.events.filter((name) => name.startsWith(`${at + 1}.`))).toEqual([
        `${at + 1}.0`,
        ...names,
      ]);
    }
    expect(world.sink.gaps).toEqual([]);
  });

  test('who saw B, broke off, and resumes after A was committed, gets A, though A wrote first', async () => {
    await using world = await openSource(way);
    const a = await world.client();
    await a.query('BEGIN');
    await a.query('INSERT INTO thing VALUES (1, 0)');
    await world.write(2);
    expect(await world.told(1)).toEqual(['2.0']);
    const position = world.sink.head;
    await a.query('COMMIT');
    expect(await world.told(2)).toEqual(['2.0', '1.0']);
    expect(namesOf(await world.resume(position))).toEqual(['1.0']);
  });

  test('a replay is what came after the position, and ends where the sink stands then', async () => {
    await using world = await openSource(way);
    const positions = [world.sink.head];
    for (const id of [1, 2, 3]) {
      await world.write(id);
      await world.told(id);
      positions.push(world.sink.head);
    }
    const replays = await Promise.all(positions.map(world.resume));
    expect(replays.map(namesOf)).toEqual([['1.0', '2.0', '3.0'], ['2.0', '3.0'], ['3.0'], []]);
    for (const { to, head } of replays) expect(to).toBe(head);
    const fresh = await world.resume(undefined);
    expect(namesOf(fresh)).toEqual([]);
    expect(fresh.to).toBe(fresh.head);
  });

  test('what was committed before the question is in the sink or in the replay when the answer comes', async () => {
    await using world = await openSource(way);
    const position = world.sink.head;
    for (let id = 1; id <= 20; id += 1) {
      await world.write(id);
      const replay = await world.resume(position);
      expect(namesOf(replay)).toEqual(Array.from({ length: id }, (_, at) => `${at + 1}.0`));
      expect(world.sink.events).toEqual(namesOf(replay));
    }
  });

  test('thousands who resume from many places share the reads', async () => {
    await using world = await openSource(way);
    const positions = [world.sink.head];
    for (let id = 1; id <= 30; id += 1) {
      await world.write(id);
      await world.resume(undefined);
      positions.push(world.sink.head);
    }
    const before = world.source.metrics.logReads;
    const asked = Array.from({ length: 5_000 }, (_, at) => at % positions.length);
    const replays = await Promise.all(asked.map((at) => world.resume(positions[at])));
    expect(world.source.metrics.logReads - before).toBeLessThan(5);
    for (const [at, replay] of replays.entries()) expect(namesOf(replay)).toHaveLength(30 - (asked[at] ?? 0));
  });

  test('who is further behind than one read brings starts over, and only they', async () => {
    await using world = await openSource(way, { readLimit: 10 });
    // Open all the while, so that no position lies beyond another's oldest transaction.
    const open = await world.client();
    await open.query('BEGIN; SELECT pg_current_xact_id()');
    const positions = [world.sink.head];
    for (let id = 1; id <= 25; id += 1) {
      await world.write(id);
      await world.resume(undefined);
      positions.push(world.sink.head);
    }
    const replays = await Promise.all(positions.map(world.resume));
    const heard = replays.map((replay) =>
      replay.kind === 'events' ? replay.announcements.length : replay.reason,
    );
    expect(heard).toEqual([...Array<string>(15).fill('too-far-behind'), 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(world.sink.gaps).toEqual([]);
    await open.query('ROLLBACK');
  });

  test('a transaction of more events than one read brings lets everybody start over', async () => {
    await using world = await openSource(way, { readLimit: 10 });
    await world.pool.query('INSERT INTO thing SELECT id, 0 FROM generate_series(1, 11) id');
    await vi.waitFor(() => expect(world.sink.gaps).toEqual(['too-far-behind']), { timeout: 10_000 });
    await world.write(12);
    expect(await world.told(1)).toEqual(['12.0']);
  });

  test('one whose position was pruned, is of another history, or is none, starts over', async () => {
    await using world = await openSource(way);
    const position = world.sink.head;
    await world.write(1);
    expect(await world.told(1)).toEqual(['1.0']);
    await world.pool.query(
      'UPDATE change_log_state SET pruned_below = (SELECT (xid::text::bigint + 1)::text::xid8 FROM change_log)',
    );
    await world.pool.query('DELETE FROM change_log');
    expect(namesOf(await world.resume(position))).toBe('unknown-position');
    expect(namesOf(await world.resume('boot-1'))).toBe('unknown-position');
    expect(namesOf(await world.resume(`zzzzzz${world.sink.head.slice(6)}`))).toBe('unknown-position');
    expect(namesOf(await world.resume(world.sink.head))).toEqual([]);
    expect(world.sink.gaps).toEqual([]);
  });

  test('after the log was truncated everybody starts over, and goes on from there', async () => {
    await using world = await openSource(way);
    await world.write(1);
    expect(await world.told(1)).toEqual(['1.0']);
    const position = world.sink.head;
    await world.pool.query('TRUNCATE change_log');
    expect(namesOf(await world.resume(position))).toBe('unknown-position');
    expect(world.sink.gaps).toEqual(['unknown-position']);
    await world.write(2);
    expect(await world.told(2)).toEqual(['1.0', '2.0']);
  });

  test('a TRUNCATE of a table is a resync of its channel, in its place', async () => {
    await using world = await openSource(way);
    await world.write(1);
    await world.pool.query('TRUNCATE thing');
    await world.write(2);
    expect(await world.told(3)).toEqual(['1.0', 'resync thing_changes', '2.0']);
  });

  test('what cannot be read is reported, and its channel starts over', async () => {
    await using world = await openSource(way);
    await world.pool.query(
      `INSERT INTO change_log SELECT nextval('change_event_seq'), pg_current_xact_id(), now(), false, 'other_changes', '{}'`,
    );
    await world.write(1);
    expect(await world.told(2)).toEqual(['resync other_changes', '1.0']);
    expect(world.errors).toMatchObject([{ code: 'bad-payload' }]);
  });

  test('what no notification told of is found within a second, and counted', async () => {
    await using world = await openSource(way, { safetyInterval: 100 });
    const client = await world.client();
    // Masked or not, this transaction does not notify, and what the pump emits is not heard.
    world.source.hear = () => undefined;
    await client.query('BEGIN; SET LOCAL change_log.ring_limit = 0; INSERT INTO thing VALUES (1, 0); COMMIT');
    expect(await world.told(1)).toEqual(['1.0']);
    await vi.waitFor(() => expect(world.source.metrics.safetyFound).toBe(1), { timeout: 10_000 });
  });

  test('what was notified is not counted as found by the safety read alone', async () => {
    await using world = await openSource(way, { safetyInterval: 5 });
    const { source } = world;
    const hear = source.hear.bind(source);
    let notified = 0;
    source.hear = (rung, processId) => {
      if (rung.channel === 'thing_changes') notified += 1;
      hear(rung, processId);
    };
    // It reads all the while, and reckons only once everything was notified, however long that takes.
    using clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now());
    for (let id = 1; id <= 50; id += 1) await world.write(id);
    await vi.waitFor(() => expect([world.sink.events.length, notified]).toEqual([50, 50]), {
      timeout: 10_000,
    });
    clock.mockRestore();
    const { logReads } = source.metrics;
    await vi.waitFor(() => expect(source.metrics.logReads).toBeGreaterThan(logReads + 5), {
      timeout: 10_000,
    });
    expect(source.metrics.safetyFound).toBe(0);
  });
});

test('while the pump emits, its batches are taken from its notifications, not read from the log', async () => {
  await using world = await openSource("the pump's notifications");
  const bystander = await world.client();
  // The pump has nowhere to begin its first batch at, so only its second has a mark, which shows who it is.
  await world.write(-1);
  await world.told(1);
  await world.write(0);
  await world.told(2);
  // Whatever read these have prompted is over after this one.
  await world.resume(undefined);
  const before = { ...world.source.metrics };
  for (let id = 1; id <= 40; id += 1) {
    // A transaction of which nobody is told comes and goes; the pump sees that, and has nothing to say of it.
    await bystander.query('BEGIN; SELECT pg_current_xact_id()');
    await world.write(id);
    await world.told(2 + id);
    await bystander.query('COMMIT');
    await vi.waitFor(
      async () => {
        const { rows } = await world.pool.query<{ emitted: string }>('SELECT emitted FROM change_log_state');
        expect(rows[0]?.emitted).toMatch(/:$/);
      },
      { timeout: 10_000, interval: 5 },
    );
  }
  const { logReads, marksTaken } = world.source.metrics;
  expect(logReads - before.logReads).toBe(0);
  expect(marksTaken - before.marksTaken).toBe(40);
});

test('however often the pump wakes and sleeps, the sink gets each event once, and each row in order', async () => {
  await using world = await openSource('the log alone', { marks: true });
  const errors: unknown[] = [];
  await using pump = startPump({
    connectionString: world.connectionString,
    channels: ['thing_changes', 'other_changes'],
    onError: (error) => errors.push(error),
    limits: { wakeAbove: 20, sleepBelow: 200, calmFor: 20 },
  });
  await vi.waitFor(() => expect(pump.metrics.state).toBe('asleep'), { timeout: 10_000 });
  await world.pool.query('INSERT INTO thing SELECT id, 0 FROM generate_series(1, 4) id');
  const clients = await Promise.all([world.client(), world.client(), world.client(), world.client()]);
  const expected = new Map([1, 2, 3, 4].map((row) => [row, [`${row}.0`]]));
  for (const wakes of [1, 2, 3]) {
    const committed = await Promise.all(clients.map((client, at) => writeMany(client, at + 1, 15)));
    committed.forEach((names, at) => expected.get(at + 1)?.push(...names));
    await vi.waitFor(() => expect(pump.metrics.wakes).toBeGreaterThanOrEqual(wakes), { timeout: 10_000 });
    await vi.waitFor(() => expect(pump.metrics.state).toBe('asleep'), { timeout: 10_000 });
  }
  const all = [...expected.values()].flat();
  expect(await world.told(all.length)).toHaveLength(all.length);
  for (const [row, names] of expected) {
    expect(world.sink.events.filter((name) => name.startsWith(`${row}.`))).toEqual(names);
  }
  expect(world.source.metrics.marksTaken).toBeGreaterThan(0);
  expect([...world.sink.gaps, ...errors]).toEqual([]);
});
