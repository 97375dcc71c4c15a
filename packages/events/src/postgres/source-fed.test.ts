import { beforeAll, expect, test, vi } from 'vitest';

import { openHandFedSource } from '../testing-helpers/hand-fed-source.ts';
import { useOwnServer } from '../testing-helpers/own-server.ts';
import { migrateTemplate } from '../testing-helpers/source-world.ts';
import { encodePosition } from './position.ts';

beforeAll(() => useOwnServer(), 60_000);
beforeAll(migrateTemplate, 60_000);

const forged = (id: number) =>
  ({
    channel: 'thing_changes',
    payload: `{"operation":"INSERT","id":${id},"version":0,"seq":${id}}`,
  }) as const;

test('a mark that begins where the sink stands is taken, without a read', async () => {
  await using fed = await openHandFedSource();
  await fed.trusted();
  const { logReads } = fed.source.metrics;
  const from = fed.head.snapshot;
  fed.feed(from, await fed.snapshot(), [await fed.write(1)]);
  expect(fed.sink.events).toEqual(['1.0']);
  expect(fed.source.metrics).toMatchObject({ marksTaken: 1, logReads });
});

test('a mark that begins after where the sink stands is read: what lies between was not heard', async () => {
  await using fed = await openHandFedSource();
  await fed.trusted();
  await fed.write(1);
  const from = await fed.snapshot();
  const event = await fed.write(2);
  fed.feed(from, await fed.snapshot(), [event]);
  await fed.read();
  expect(fed.sink.events).toEqual(['1.0', '2.0']);
  expect(fed.source.metrics.marksTaken).toBe(0);
});

test('a mark that lacks what the sink has seen is read: nothing comes twice', async () => {
  await using fed = await openHandFedSource();
  await fed.trusted();
  const { xid } = await fed.write(1);
  await fed.read();
  await fed.pass(3);
  fed.feed({ xmin: xid, xmax: xid, inProgress: [] }, { xmin: xid, xmax: xid + 3n, inProgress: [xid] }, []);
  await fed.read();
  expect(fed.sink.events).toEqual(['1.0']);
  expect(fed.source.metrics.marksTaken).toBe(0);
});

test('one whose position is ahead of the database starts over', async () => {
  await using fed = await openHandFedSource();
  const { epoch, snapshot } = fed.head;
  const { xmax } = await fed.snapshot();
  const ahead = { xmin: xmax + 1_000n, xmax: xmax + 1_000n, inProgress: [] };
  expect(await fed.resume(encodePosition({ epoch, snapshot: ahead }))).toMatchObject({
    kind: 'lost',
    reason: 'unknown-position',
  });
  expect(await fed.resume(encodePosition({ epoch, snapshot }))).toMatchObject({ kind: 'events' });
  expect(fed.sink.gaps).toEqual([]);
});

test('everybody starts over when where they stand turns out to be ahead of the database', async () => {
  await using fed = await openHandFedSource();
  await fed.trusted();
  const { xmax } = await fed.snapshot();
  fed.feed(fed.head.snapshot, { xmin: xmax + 1_000n, xmax: xmax + 1_000n, inProgress: [] }, []);
  expect(fed.source.metrics.marksTaken).toBe(1);
  await fed.read();
  expect(fed.sink.gaps).toEqual(['unknown-position']);
  await fed.write(1);
  await fed.read();
  expect(fed.sink.events).toEqual(['1.0']);
});

test('a position ends with the last transaction that wrote to the log, however many came and went since', async () => {
  await using fed = await openHandFedSource();
  const { xid } = await fed.write(1);
  await fed.pass(5);
  await fed.read();
  expect(fed.head.snapshot).toEqual({ xmin: xid + 1n, xmax: xid + 1n, inProgress: [] });
  const { batches } = fed.source.metrics;
  await fed.pass(5);
  await fed.read();
  // Rows that somebody deleted do not make it go back.
  await fed.pool.query('DELETE FROM change_log');
  await fed.read();
  expect(fed.head.snapshot.xmax).toBe(xid + 1n);
  expect(fed.source.metrics.batches).toBe(batches);
});

test('a mark that comes while a read is under way is taken after it', async () => {
  await using fed = await openHandFedSource();
  await fed.trusted();
  const { logReads } = fed.source.metrics;
  fed.acts.after = async () => {
    const from = fed.head.snapshot;
    const event = await fed.write(1);
    fed.feed(from, await fed.snapshot(), [event]);
    expect(fed.sink.events).toEqual([]);
  };
  await fed.read();
  await vi.waitFor(() => expect(fed.sink.events).toEqual(['1.0']), { timeout: 10_000 });
  expect(fed.source.metrics).toMatchObject({ marksTaken: 1, logReads: logReads + 1 });
});

test('after a LISTEN no process is trusted until the database was asked', async () => {
  await using fed = await openHandFedSource();
  await fed.trusted();
  await fed.end();
  const from = fed.head.snapshot;
  const { xid } = await fed.write(1);
  const to = await fed.snapshot();
  fed.source.listening();
  fed.feed(from, to, [{ ...forged(666), xid }]);
  await fed.read();
  expect(fed.sink.events).toEqual(['1.0']);
});

test('after a read that failed no process is trusted until the database was asked', async () => {
  await using fed = await openHandFedSource();
  await fed.trusted();
  await fed.end();
  fed.acts.before = () => Promise.reject(new Error('The database is away.'));
  await fed.read();
  expect(fed.errors.splice(0)).toMatchObject([{ message: 'The database is away.' }]);
  const from = fed.head.snapshot;
  const { xid } = await fed.write(1);
  fed.feed(from, await fed.snapshot(), [{ ...forged(666), xid }]);
  await fed.read();
  expect(fed.sink.events).toEqual(['1.0']);
});

test('a mark that was kept while a read was under way is forgotten when a LISTEN begins anew', async () => {
  await using fed = await openHandFedSource();
  await fed.trusted();
  fed.acts.after = async () => {
    const from = fed.head.snapshot;
    const { xid } = await fed.write(1);
    fed.feed(from, await fed.snapshot(), [{ ...forged(666), xid }]);
    fed.source.listening();
  };
  await fed.read();
  await vi.waitFor(() => expect(fed.sink.events).toEqual(['1.0']), { timeout: 10_000 });
});

test('who is trusted is asked about once an interval, and what they sent meanwhile does not count', async () => {
  await using fed = await openHandFedSource();
  await fed.trusted();
  await fed.end();
  fed.acts.before = async () => {
    const { xid } = await fed.write(1);
    // It goes on from wherever the read ends.
    const beyond = { xmin: xid + 1_000n, xmax: xid + 1_000n, inProgress: [] };
    fed.feed(fed.head.snapshot, beyond, [{ ...forged(666), xid: xid + 999n }]);
  };
  using clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_001);
  await fed.read();
  clock.mockRestore();
  await vi.waitFor(() => expect(fed.sink.events).toEqual(['1.0']), { timeout: 10_000 });
  const { xid } = await fed.write(2);
  fed.feed(fed.head.snapshot, await fed.snapshot(), [{ ...forged(667), xid }]);
  await fed.read();
  expect(fed.sink.events).toEqual(['1.0', '2.0']);
});
