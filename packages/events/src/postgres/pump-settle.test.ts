import { beforeAll, expect, test, vi } from 'vitest';

import { useOwnServer } from '../testing-helpers/own-server.ts';
import { CHANNEL, pumpWorld, until, update } from '../testing-helpers/pump-world.ts';
import { DOORBELL } from './locks.ts';
import { createEmitter } from './pump-emit.ts';

// What ends in any database of a server makes snapshots name those in progress before it.
beforeAll(() => useOwnServer(), 60_000);

test('a masked writer that began after whatever has ended, so that no snapshot names it, is waited for', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const [masking, slow] = [await world.client(), await world.client()];
  // What a pump writes at its start is written, so that it ends no transaction younger than the writer's.
  await createEmitter(masking, [CHANNEL]).advance();
  await masking.query('SELECT pg_advisory_lock($1)', [String(DOORBELL)]);
  await slow.query(`BEGIN; ${update(1)}`);
  await masking.query('SELECT pg_advisory_unlock($1)', [String(DOORBELL)]);
  const { rows } = await slow.query<{ pid: number; named: boolean }>(
    `SELECT pg_backend_pid() AS pid, pg_current_xact_id() < pg_snapshot_xmax(pg_current_snapshot()) AS named`,
  );
  expect(rows[0]?.named).toBe(false);

  const pump = world.pump();
  await vi.waitUntil(() => pump.metrics.state === 'asleep' || pump.metrics.waitingFor !== undefined, until);
  expect(pump.metrics.waitingFor).toBe(rows[0]?.pid);
  await slow.query('COMMIT');
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
  expect(await world.logged()).toEqual([expect.objectContaining({ rung: false })]);
});
