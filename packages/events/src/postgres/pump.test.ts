import { expect, test, vi } from 'vitest';

import { pumpWorld, until, update } from '../testing-helpers/pump-world.ts';
import { defaultLimits, type LoadLimits } from './pump-rate.ts';

/** Masks as soon as anybody writes, and lets go again at once. */
const restless: LoadLimits = { wakeAbove: 1, sleepBelow: Number.POSITIVE_INFINITY, calmFor: 30 };
/** Masks as soon as anybody writes, for good. */
const eager: LoadLimits = { wakeAbove: 1, sleepBelow: 0, calmFor: 1 };

test('at light load writers ring by themselves, and the pump only looks on', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const pump = world.pump();
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  for (let id = 1; id <= 10; id += 1) await world.pool.query(update(id));
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
  expect((await world.logged()).every(({ rung }) => rung)).toBe(true);
  expect(pump.metrics).toMatchObject({ state: 'asleep', wakes: 0, emitted: 0 });
});

test('under load it masks them, emits in their place, and lets them ring again when it is over', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const pump = world.pump({ limits: { ...defaultLimits, wakeAbove: 20, sleepBelow: 10 } });
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  await world.write(8, (written) => pump.metrics.emitted > 200 || written > 50_000);
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  expect(await world.masked()).toBe(false);
  await world.pool.query(update(1));
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
  expect((await world.logged()).at(-1)).toMatchObject({ rung: true });
});

test('each event is heard exactly once while it wakes and sleeps all the time under load', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const pump = world.pump({ limits: restless });
  await world.write(8, (written) => pump.metrics.wakes >= 15 || written > 50_000);
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
  const rung = (await world.logged()).filter((row) => row.rung).length;
  expect(rung).toBeGreaterThan(0);
  expect(pump.metrics.emitted).toBe(logged.length - rung);
  expect(pump.metrics.wakes).toBeGreaterThanOrEqual(15);
});

test('a writer that stays open while the pump goes to sleep is waited for, by name', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const pump = world.pump({ limits: { ...restless, calmFor: 500 } });
  const slow = await world.client();
  const { rows } = await slow.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  await world.pool.query(update(1));
  await vi.waitUntil(() => world.masked(), until);
  await slow.query(`BEGIN; ${update(2)}`);

  await vi.waitUntil(() => pump.metrics.waitingFor === rows[0]?.pid, until);
  expect(pump.metrics.state).toBe('settling');
  expect(await world.masked()).toBe(false);
  expect(pump.metrics.emitted).toBe(0);

  await slow.query('COMMIT');
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
  expect(await world.logged()).toEqual([
    expect.objectContaining({ rung: true }),
    expect.objectContaining({ rung: false }),
  ]);
  expect(pump.metrics).toMatchObject({ emitted: 1, waitingFor: undefined });
});

test('while it waits for that writer, load wakes it again', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const pump = world.pump({ limits: restless, lease: 600 });
  const slow = await world.client();
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  await slow.query(`BEGIN; ${update(2)}`);
  await world.write(2, (written) => pump.metrics.wakes >= 5 || written > 50_000);
  await slow.query('COMMIT');
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
});

test('while one waits to be masked for good, the others are masked and emitted for', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const pump = world.pump({ limits: eager, lease: 600 });
  const slow = await world.client();
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  // It holds the doorbell shared, so the pump's request stays queued, and has to be made anew all the time.
  await slow.query(`BEGIN; ${update(2)}`);
  await world.pool.query(update(1));
  await world.write(2, (written) => pump.metrics.emitted > 50 || written > 50_000);
  expect(pump.metrics).toMatchObject({ state: 'awake', wakes: 1 });
  await slow.query('COMMIT');
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
});

test('a statement of 10,000 rows reaches every listener whole and in order, at once', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const pump = world.pump();
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  await world.pool.query('UPDATE item SET value = value + 1');
  const { logged } = await world.settled(ear);
  expect(logged).toHaveLength(10_000);
  expect(ear.heard).toEqual(logged);
  await vi.waitUntil(() => pump.metrics.emitted === 10_000, until);
});

test('what never notified is found by the read of every second', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const pump = world.pump({ safety: 1_000 });
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  await world.pool.query(`BEGIN; SET LOCAL change_log.ring_limit = 0; ${update(1)}; COMMIT`);
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
  await vi.waitUntil(() => pump.metrics.safetyFound === 1, until);
  expect(pump.metrics.emitted).toBe(1);
});
