import pg from 'pg';
import { beforeAll, expect, test, vi } from 'vitest';

import { useOwnServer } from '../testing-helpers/own-server.ts';
import { migrateTemplate, openSource, type Way, ways } from '../testing-helpers/source-world.ts';
import { LOG_CHANNEL } from './change-log-sql.ts';
import { DOORBELL, PRUNE, PUMP } from './locks.ts';
import { decodePosition, encodePosition } from './position.ts';
import { startPump } from './pump.ts';
import type { Snapshot } from './snapshot.ts';
import { mayMark } from './source-trust.ts';

beforeAll(() => useOwnServer(), 60_000);
beforeAll(migrateTemplate, 60_000);

type World = Awaited<ReturnType<typeof openSource>>;

/** Somebody who may log in, and nothing else. */
async function connectStranger({ pool, connectionString }: World) {
  await pool.query('DROP ROLE IF EXISTS stranger');
  await pool.query("CREATE ROLE stranger LOGIN PASSWORD 'x'");
  const address = new URL(connectionString);
  address.username = 'stranger';
  address.password = 'x';
  const client = new pg.Client({ connectionString: address.href });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await expect(client.query('SELECT FROM change_log')).rejects.toThrow('permission denied');
  return Object.assign(client, { pid: rows[0]!.pid, [Symbol.asyncDispose]: () => client.end() });
}

/** A world in which what was heard on the log's channel is noted. */
async function openWorld(way: Way) {
  const world = await openSource(way, { marks: true });
  const marks: string[] = [];
  const hear = world.source.hear.bind(world.source);
  world.source.hear = (rung, processId) => {
    hear(rung, processId);
    if (rung.channel === LOG_CHANNEL) marks.push(rung.payload);
  };
  return Object.assign(world, {
    /** Sends what looks like a batch that ends there; after the next read the database was asked about it. */
    async forge(client: pg.Client, from: Snapshot, to: Snapshot, payloads: readonly string[]) {
      const { epoch } = decodePosition(world.sink.head)!;
      const mark = JSON.stringify({
        from: encodePosition({ epoch, snapshot: from }),
        to: encodePosition({ epoch, snapshot: to }),
        events: payloads.length,
        xids: payloads.map(() => Number(to.xmax - 1n - from.xmin)),
      });
      await client.query('BEGIN');
      for (const payload of payloads)
        await client.query('SELECT pg_notify($1, $2)', ['thing_changes', payload]);
      await client.query('SELECT pg_notify($1, $2)', [LOG_CHANNEL, mark]);
      await client.query('COMMIT');
      await vi.waitFor(() => expect(marks).toContain(mark), { timeout: 10_000 });
      await world.resume(undefined);
    },
  });
}

const everythingBelow = (xid: bigint): Snapshot => ({ xmin: xid, xmax: xid, inProgress: [] });

test.each(ways)(
  'events that a stranger notifies are not taken, whatever mark follows (by %s)',
  async (way) => {
    await using world = await openWorld(way);
    await world.write(1);
    await world.told(1);
    await using stranger = await connectStranger(world);
    for (const id of [666, 667, 668]) {
      const { snapshot } = decodePosition(world.sink.head)!;
      const payload = JSON.stringify({ operation: 'INSERT', id, version: 0, seq: id });
      await world.forge(stranger, everythingBelow(snapshot.xmin), everythingBelow(snapshot.xmax + 1n), [
        payload,
      ]);
    }
    await world.write(2);
    expect(await world.told(2)).toEqual(['1.0', '2.0']);
    expect(world.sink.gaps).toEqual([]);
  },
);

test.each(ways)('a stranger cannot hide what an open writer is about to commit (by %s)', async (way) => {
  await using world = await openWorld(way);
  await world.write(1);
  await world.told(1);
  await using stranger = await connectStranger(world);
  const writer = await world.client();
  await writer.query('BEGIN');
  await writer.query('INSERT INTO thing VALUES (2, 0)');
  const { rows } = await writer.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
  const beyond = BigInt(rows[0]!.xid) + 1n;
  for (const more of [0n, 1n, 2n]) {
    const { snapshot } = decodePosition(world.sink.head)!;
    await world.forge(stranger, snapshot, everythingBelow(beyond + more), []);
  }
  await writer.query('COMMIT');
  await world.write(3);
  expect((await world.told(3)).toSorted()).toEqual(['1.0', '2.0', '3.0']);
  expect(world.sink.gaps).toEqual([]);
});

test("the pump's marks are taken, and after it those of the pump that takes over, whatever a stranger sends", async () => {
  await using world = await openWorld('the log alone');
  await using stranger = await connectStranger(world);
  let written = 0;
  for (const term of [1, 2]) {
    await using pump = startPump({
      connectionString: world.connectionString,
      channels: ['thing_changes', 'other_changes'],
      onError: (error) => world.errors.push(error),
      safety: 20,
    });
    const before = world.source.metrics.marksTaken;
    await vi.waitFor(
      async () => {
        written += 1;
        const insert = `INSERT INTO thing VALUES (${written}, ${term})`;
        await world.pool.query(`BEGIN; SET LOCAL change_log.ring_limit = 0; ${insert}; COMMIT`);
        await world.told(written);
        const { snapshot } = decodePosition(world.sink.head)!;
        await world.forge(stranger, snapshot, everythingBelow(snapshot.xmax + BigInt(written)), []);
        expect(world.source.metrics.marksTaken).toBeGreaterThanOrEqual(before + 3);
      },
      { timeout: 12_000 },
    );
    expect(pump.metrics.emitted).toBeGreaterThanOrEqual(3);
  }
  expect(world.sink.events).toHaveLength(written);
  expect([...world.sink.gaps, ...world.errors]).toEqual([]);
});

test('a stranger who holds the advisory locks only delays: the log is read without a notification', async () => {
  await using world = await openSource('the log alone', { safetyInterval: 100 });
  await using stranger = await connectStranger(world);
  for (const key of [DOORBELL, PUMP, PRUNE]) await stranger.query(`SELECT pg_advisory_lock(${key})`);
  await world.write(1);
  expect(await world.told(1)).toEqual(['1.0']);
  const { rows } = await world.pool.query('SELECT rung FROM change_log');
  expect(rows).toEqual([{ rung: false }]);
});

test('whose role may write the log, any role can find out; who is gone may not', async () => {
  await using world = await openWorld('the log alone');
  await using stranger = await connectStranger(world);
  const owner = await world.client();
  const gone = await world.client();
  const pidOf = async (client: pg.Client): Promise<number> =>
    (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;
  const pids = [await pidOf(owner), await pidOf(gone), stranger.pid];
  await gone.end();
  await vi.waitFor(async () => expect(await mayMark(owner, pids)).toEqual([pids[0]]), { timeout: 10_000 });
  expect(await mayMark(stranger, pids)).toEqual([pids[0]]);
});
