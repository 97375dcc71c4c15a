import { expect } from 'vitest';

import { RecordingSink, channels, openSource, resume } from './source-world.ts';
import { LOG_CHANNEL } from '../postgres/change-log-sql.ts';
import { connectToLog } from '../postgres/log-connection.ts';
import { decodePosition, encodePosition, type Position } from '../postgres/position.ts';
import { parseSnapshot, type Snapshot } from '../postgres/snapshot.ts';
import { createSource } from '../postgres/source.ts';
import type { Rung } from '../postgres/source-marks.ts';

/** An event as a mark tells of it. */
type Fed = Rung & { readonly xid: bigint };

const HOUR = 3_600_000;

interface Acts {
  before?: () => Promise<void>;
  after?: () => Promise<void>;
}

/** A real source of a real log that hears only what the test tells it, from a process whose role may write the log. */
export async function openHandFedSource() {
  await using opening = new AsyncDisposableStack();
  const world = opening.use(await openSource('the log alone'));
  const { connectionString, pool } = world;
  const sink = new RecordingSink();
  const errors: unknown[] = [];
  const log = opening.use(connectToLog({ connectionString }));
  const acts: Acts = {};
  let reading: Promise<unknown> = Promise.resolve();
  const act = async (moment: keyof Acts): Promise<void> => {
    const now = acts[moment];
    delete acts[moment];
    await now?.();
  };
  const source = opening.use(
    createSource({
      definitions: channels,
      sink,
      log: {
        use(work) {
          const result = log.use(async (client) => {
            await act('before');
            const done = await work(client);
            await act('after');
            return done;
          });
          reading = result;
          return result;
        },
        [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
      },
      onError: (error) => errors.push(error),
      safetyInterval: HOUR,
    }),
  );
  await source.begin();
  const hand = await world.client();
  const { rows } = await hand.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const processId = rows[0]!.pid;
  const stack = opening.move();

  const fed = {
    pool,
    sink,
    source,
    /** What it reported; none may be left at the end. */
    errors,
    /** What is to happen within the next read. */
    acts,
    get head(): Position {
      return decodePosition(sink.head)!;
    },
    async snapshot(): Promise<Snapshot> {
      const result = await pool.query<{ seen: string }>('SELECT pg_current_snapshot()::text AS seen');
      return parseSnapshot(result.rows[0]!.seen);
    },
    /** Of which nobody is notified. */
    async write(id: number): Promise<Fed> {
      await pool.query(
        `BEGIN; SET LOCAL change_log.ring_limit = 0; INSERT INTO thing VALUES (${id}, 0); COMMIT`,
      );
      const result = await pool.query<{ channel: string; payload: string; xid: string }>(
        'SELECT channel, payload, xid::text FROM change_log ORDER BY change_log.xid DESC LIMIT 1',
      );
      const row = result.rows[0]!;
      return { ...row, xid: BigInt(row.xid) };
    },
    /** Transactions that write nothing come and go. */
    async pass(count: number): Promise<void> {
      for (let at = 0; at < count; at += 1) await pool.query('SELECT pg_current_xact_id()');
    },
    /** The events, then their mark. */
    feed(from: Snapshot, to: Snapshot, events: readonly Fed[]): void {
      const { epoch } = fed.head;
      for (const { channel, payload } of events) source.hear({ channel, payload }, processId);
      const mark = {
        from: encodePosition({ epoch, snapshot: from }),
        to: encodePosition({ epoch, snapshot: to }),
        events: events.length,
        xids: events.map(({ xid }) => Number(xid - from.xmin)),
      };
      source.hear({ channel: LOG_CHANNEL, payload: JSON.stringify(mark) }, processId);
    },
    /** Everything committed until now is read, and the read is over. */
    async read(): Promise<void> {
      await resume(source, sink, undefined);
      await reading;
      await new Promise(setImmediate);
    },
    resume: (position: string) => resume(source, sink, position),
    /** Its first mark lets the source ask who that is. */
    async trusted(): Promise<void> {
      fed.feed(fed.head.snapshot, fed.head.snapshot, []);
      await fed.read();
    },
    /** The process ends; from now on its id is anybody's. */
    async end(): Promise<void> {
      await hand.end();
    },
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync();
      expect([...sink.broken, ...errors]).toEqual([]);
    },
  };
  return fed;
}
