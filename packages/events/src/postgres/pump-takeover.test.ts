import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, test, vi } from 'vitest';

import { CHANNEL, pumpWorld, until, update } from '../testing-helpers/pump-world.ts';
import type { LoadLimits } from './pump-rate.ts';

const eager: LoadLimits = { wakeAbove: 1, sleepBelow: 0, calmFor: 1 };

test('a pump whose connections are ended again and again emits each event exactly once', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const reports: unknown[] = [];
  const pump = world.pump({ limits: eager, onError: (error) => void reports.push(error) });
  let over = false;
  const writing = world.write(8, (written) => over || written > 50_000);
  for (let round = 1; round <= 6; round += 1) {
    const before = pump.metrics.emitted;
    await vi.waitUntil(() => pump.metrics.state === 'awake' && pump.metrics.emitted > before, until);
    await world.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pump' AND datname = current_database()`,
    );
    await vi.waitUntil(() => reports.length === round, until);
  }
  over = true;
  await writing;
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
});

test('another server takes over at once what a pump leaves, also what was committed in between', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const first = world.pump({ limits: eager, lease: 600 });
  await vi.waitUntil(() => first.metrics.state === 'asleep', until);
  const second = world.pump({ lease: 600 });
  await world.write(2, () => first.metrics.emitted > 10);
  const slow = await world.client();
  await slow.query(`BEGIN; ${update(1)}`);
  expect(second.metrics.state).toBe('candidate');
  await first[Symbol.asyncDispose]();
  expect(first.metrics.state).toBe('closed');
  await slow.query('COMMIT');
  await vi.waitUntil(() => second.metrics.state === 'asleep', until);
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
  expect((await world.logged()).at(-1)).toMatchObject({ rung: false });
});

test('a new pump reads first: what was committed unrung before there was any is heard', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  await world.pool.query(`BEGIN; SET LOCAL change_log.ring_limit = 0; ${update(1)}; COMMIT`);
  const pump = world.pump();
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
  await vi.waitUntil(() => pump.metrics.emitted === 1, until);
});

test('a stopped process masks nobody for longer than its lease, and does no harm when it goes on', async () => {
  await using world = await pumpWorld();
  await using stack = new AsyncDisposableStack();
  const ear = await world.ear();
  const LEASE = 900;
  const script = fileURLToPath(new URL('../testing-helpers/pump-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, world.connectionString, CHANNEL, String(LEASE)], {
    stdio: 'inherit',
  });
  stack.defer(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const emitted = async (): Promise<boolean> => {
    await world.pool.query(update(1));
    return (await world.logged()).some(({ rung }) => !rung);
  };
  await vi.waitUntil(emitted, until);
  await vi.waitUntil(() => world.masked(), until);

  const pump = world.pump({ lease: LEASE });
  child.kill('SIGSTOP');
  const stopped = performance.now();
  await vi.waitUntil(async () => !(await world.masked()), until);
  // Its lease ends on the server; what comes on top is this machine's load.
  expect(performance.now() - stopped).toBeLessThan(LEASE + 1_000);
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  await world.pool.query(update(2));
  expect((await world.logged()).at(-1)).toMatchObject({ rung: true });

  child.kill('SIGCONT');
  await world.write(2, (written) => written > 200);
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
});
