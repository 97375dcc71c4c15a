import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createFanOut } from '@processflow/events/server';
import { testDatabase } from '@processflow/db/testing';
import { expect, test, vi } from 'vitest';

import { createRequestHandler } from '../http.ts';
import { addTeams, openPlain, openStream, startTestServer } from '../realtime/testing.ts';
import { collectMetrics } from './collect.ts';
import { observeDelivery } from './delivery.ts';
import { Histogram } from './histogram.ts';
import { createMetricsPage } from './page.ts';
import { metricsText } from './text.ts';

const TOKEN = 'a token of no worth, for tests alone';

/** A server whose metrics can be read, as `main.ts` puts it together. */
async function measured() {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  await addTeams(database);
  const inner = stack.use(await startTestServer(database, { limits: { streamsPerViewer: 2 } }));
  const { hub, listener, limits } = inner;
  const delivery = new Histogram();
  const server = createServer(
    createRequestHandler({
      services: inner.services,
      limits,
      fanOut: createFanOut({ onWrite: observeDelivery(delivery) }),
      metrics: createMetricsPage(TOKEN, () => collectMetrics({ hub, listener, limits, delivery })),
      web: (_, response) => response.end('the app'),
      publicUrl: undefined,
      trustProxy: false,
      onError: (error) => console.error(error),
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const read = (authorization?: string) =>
    fetch(`${url}/metrics`, authorization === undefined ? {} : { headers: { authorization } });
  return {
    database,
    inner,
    url,
    read,
    /** By name and labels, as Prometheus sees them. */
    async values(): Promise<Record<string, number>> {
      const text = await (await read(`Bearer ${TOKEN}`)).text();
      const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      return Object.fromEntries(
        lines.map((line) => [line.replace(/ \S+$/, ''), Number(/\S+$/.exec(line)![0])]),
      );
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('only whoever bears the token reads them, and without one there is no such page', async () => {
  await using world = await measured();
  expect((await world.read(`Bearer ${TOKEN}`)).status).toBe(200);
  for (const wrong of [undefined, 'Bearer', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, 'Bearer a']) {
    const response = await world.read(wrong);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await response.text()).not.toContain('processflow_');
  }
  const none = await fetch(`${world.inner.url}/metrics`);
  expect(none.status).toBe(404);
  expect(await none.json()).toEqual({ message: 'There are no metrics without METRICS_TOKEN.' });
});

test('they say what was done: streams, deliveries and how long they took, resumes, refusals', async () => {
  await using world = await measured();
  const { inner, database } = world;
  const ada = await inner.signIn('ada', { 1: 'owner' });
  using stream = openStream(world, ada);
  await stream.next({ channel: 'position' });
  const began = stream.frames[0]!.id;
  const before = await world.values();
  await database.db.updateTable('team').set({ name: 'Renamed' }).where('id', '=', 1).execute();
  await stream.next({ channel: 'team_changes', name: 'Renamed' });
  using back = openPlain(world, ada, '?teamId=1');
  await back.next({ channel: 'position' });
  const refused = await fetch(`${world.url}/api/realtime`, { headers: { cookie: ada.cookie } });
  expect(refused.status).toBe(429);

  const now = await world.values();
  const since = (name: string): number => now[name]! - before[name]!;
  expect(now['processflow_streams']).toBe(2);
  expect(now['processflow_topics']).toBeGreaterThan(0);
  expect(now['processflow_listening']).toBe(1);
  expect(since('processflow_events_total')).toBe(1);
  expect(since('processflow_deliveries_total')).toBe(2);
  expect(since('processflow_batches_total')).toBeGreaterThan(0);
  expect(since('processflow_log_reads_total')).toBeGreaterThan(0);
  expect(now['processflow_stream_refusals_total{limit="streams-per-viewer"}']).toBe(1);
  expect(now['processflow_stream_refusals_total{limit="input"}']).toBe(0);
  expect(since('processflow_delivery_seconds_count')).toBe(1);
  expect(since('processflow_delivery_seconds_bucket{le="+Inf"}')).toBe(1);
  expect(since('processflow_delivery_seconds_sum')).toBeGreaterThan(0);
  expect(Object.keys(now).filter((name) => name.startsWith('processflow_pump_state'))).toHaveLength(5);

  back[Symbol.dispose]();
  await vi.waitFor(async () => expect((await world.values())['processflow_streams']).toBe(1));
  using resumed = openStream(world, ada, { lastEventId: began });
  await resumed.next({ channel: 'team_changes', name: 'Renamed' });
  const after = await world.values();
  expect(after['processflow_resumes_total']).toBe(1);
  expect(after['processflow_resumes_lost_total']).toBe(0);
  expect(after['processflow_resumes_read_from_ring_total']).toBe(1);
  // It is as old as the absence, not as slow.
  expect(after['processflow_delivery_seconds_count']).toBe(now['processflow_delivery_seconds_count']);
});

test('a histogram counts each bound and all below it', () => {
  const delivery = new Histogram();
  for (const seconds of [0.001, 0.005, 0.03, 60]) delivery.observe(seconds);
  const text = metricsText([delivery.metric('taken_seconds', 'How long.')]);
  expect(text.split('\n').slice(0, 6)).toEqual([
    '# HELP taken_seconds How long.',
    '# TYPE taken_seconds histogram',
    'taken_seconds_bucket{le="0.005"} 2',
    'taken_seconds_bucket{le="0.01"} 2',
    'taken_seconds_bucket{le="0.025"} 2',
    'taken_seconds_bucket{le="0.05"} 3',
  ]);
  expect(text).toContain('taken_seconds_bucket{le="10"} 3\ntaken_seconds_bucket{le="+Inf"} 4\n');
  expect(text).toMatch(/taken_seconds_sum 60\.036\d*\ntaken_seconds_count 4\n$/);
});

test('labels and help cannot break out of their line', () => {
  const samples = [{ labels: { of: 'a "b"\\\nc' }, value: 1 }];
  expect(metricsText([{ name: 'n', help: 'one\ntwo \\', type: 'gauge', samples }])).toBe(
    '# HELP n one\\ntwo \\\\\n# TYPE n gauge\nn{of="a \\"b\\"\\\\\\nc"} 1\n',
  );
});

test('the pump says whom it waits for, while it does', () => {
  const pump = { state: 'settling', wakes: 1, reads: 2, emitted: 3, safetyFound: 0 } as const;
  const none = { metrics: {} as never, subscriberCount: 0, topicCount: 0 };
  const collect = (waitingFor: number | undefined) =>
    metricsText(
      collectMetrics({
        hub: none,
        listener: {
          metrics: {} as never,
          state: 'listening',
          pruner: { turns: 0, deleted: 0 },
          pump: { ...pump, waitingFor },
        },
        limits: { refused: {} as never },
        delivery: new Histogram(),
      }),
    );
  expect(collect(4711)).toContain('\nprocessflow_pump_waiting_for_pid 4711\n');
  expect(collect(undefined)).not.toContain('\nprocessflow_pump_waiting_for_pid ');
  expect(collect(undefined)).toContain('\nprocessflow_pump_state{state="settling"} 1\n');
});
