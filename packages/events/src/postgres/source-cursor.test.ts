import type pg from 'pg';
import { expect, test, vi } from 'vitest';

import { testDatabase } from '../../../../db/testing.ts';
import type { Replay } from '../batch.ts';
import { LONGEST_POSITION } from '../position-length.ts';
import { RecordingSink } from '../testing-helpers/source-world.ts';
import { createSourceMetrics } from './metrics.ts';
import { createLogCursor } from './source-cursor.ts';

test('with so many writers open that no position says it, streams go on, and who comes back starts over', async () => {
  await using database = await testDatabase();
  await using stack = new AsyncDisposableStack();
  const client = await database.pool.connect();
  stack.defer(() => client.release());
  const first = 1_000_000;
  let ended = 0;
  const query = client.query.bind(client) as (...asked: unknown[]) => Promise<pg.QueryResult>;
  vi.spyOn(client, 'query').mockImplementation((async (...asked: unknown[]) => {
    const result = await query(...asked);
    if ((asked[0] as { name?: string }).name !== 'read-change-log') return result;
    const xids = Array.from({ length: 4_000 }, (_, at) => first + at * 10 + (at % 2) * 8).slice(ended);
    const seen = `${xids[0]}:${first + 50_000}:${xids.join(',')}`;
    Object.assign(result.rows[0] as object, { xid: `${first + 49_999}`, payload: JSON.stringify({ seen }) });
    return result;
  }) as never);
  const sink = new RecordingSink();
  const cursor = createLogCursor({
    channels: [],
    sink,
    source: { read: () => undefined },
    limit: 10,
    metrics: createSourceMetrics(),
    toAnnouncement: () => expect.fail('Nothing was written.'),
    onRead: () => undefined,
    onAnswered: () => undefined,
  });
  await cursor.read(client, []);
  const position = sink.head;
  expect(position.length).toBeLessThan(LONGEST_POSITION);
  ended += 1;
  const { promise, resolve } = Promise.withResolvers<Replay>();
  await cursor.read(client, [{ position, answer: resolve }]);
  expect(await promise).toEqual({ kind: 'lost', to: sink.head, reason: 'unknown-position' });
  expect(sink.head).not.toBe(position);
  expect(sink.batches).toHaveLength(1);
  expect(sink.broken).toEqual([]);
});
