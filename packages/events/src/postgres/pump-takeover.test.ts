import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, test, vi } from 'vitest';

import { CHANNEL, pumpWorld, until, update } from '../testing-helpers/pump-world.ts';
import { PUMP } from './locks.ts';
import { startPump } from './pump.ts';
import type { LoadLimits } from './pump-rate.ts';

const eager: LoadLimits = { wakeAbove: 1, sleepBelow: 0, calmFor: 1 };
const LOST = {
  code: 'cannot-listen',
  message: 'The pump lost its connection to PostgreSQL; it stands again.',
};

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
  for (const report of reports) expect(report).toMatchObject(LOST);
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
});

test.each(['asleep', 'awake'] as const)('a pump that loses its lease while %s says so', async (state) => {
  await using world = await pumpWorld();
  const reports: unknown[] = [];
  const onError = (error: unknown): void => void reports.push(error);
  const pump = world.pump({ onError, ...(state === 'awake' && { limits: eager }) });
  let over = false;
  const writing = world.write(state === 'awake' ? 4 : 0, () => over);
  await vi.waitUntil(() => pump.metrics.state === state, until);
  await world.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
       AND ((classid::bigint << 32) | objid::bigint) = $1::bigint`,
    [String(PUMP)],
  );
  await vi.waitUntil(() => reports.length > 0, until);
  over = true;
  await writing;
  expect(reports).toEqual([expect.objectContaining(LOST)]);
  expect(reports[0]).toMatchObject({ cause: { code: '57P01' } });
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
});

test('a pump whose process stood still until its lease was over says so', async () => {
  await using world = await pumpWorld();
  const reports: unknown[] = [];
  const LEASE = 900;
  const pump = world.pump({ lease: LEASE, onError: (error) => void reports.push(error) });
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  // Holds this process up, as too much load does.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LEASE);
  await vi.waitUntil(() => reports.length > 0, until);
  expect(reports).toEqual([expect.objectContaining(LOST)]);
  expect(reports[0]).toMatchObject({ cause: { message: expect.stringContaining('idle-session timeout') } });
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
});

test('a statement that fails is told as what it is, also where the pump then stands again', async () => {
  await using world = await pumpWorld();
  const reports: unknown[] = [];
  const pump = world.pump({ safety: 10, onError: (error) => void reports.push(error) });
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
  await world.pool.query('ALTER TABLE change_log_state RENAME TO elsewhere');
  await vi.waitUntil(() => reports.length > 0, until);
  await world.pool.query('ALTER TABLE elsewhere RENAME TO change_log_state');
  expect(reports[0]).toMatchObject({ code: '42P01', message: expect.stringContaining('change_log_state') });
  await vi.waitUntil(() => pump.metrics.state === 'asleep', until);
});

test('a pump that gets no connection says so', async () => {
  const reports: unknown[] = [];
  await using _pump = startPump({
    connectionString: 'postgres://127.0.0.1:1/nowhere',
    channels: [CHANNEL],
    onError: (error) => void reports.push(error),
  });
  await vi.waitUntil(() => reports.length > 0, until);
  expect(reports).toEqual([
    expect.objectContaining({
      code: 'cannot-listen',
      message: 'The pump cannot connect to PostgreSQL; it tries again.',
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    }),
  ]);
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
  // It has read what there is and waits for whoever was masked before its time.
  await vi.waitUntil(() => ['settling', 'asleep'].includes(second.metrics.state), until);
  expect(second.metrics.state).toBe('settling');
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
