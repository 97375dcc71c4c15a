import { setTimeout as delay } from 'node:timers/promises';

import pg from 'pg';

import type { BatchSink, BatchSource, Replay } from '../batch.ts';
import type { Announcement } from '../event.ts';
import { createDecoder } from './decode.ts';
import { channels } from './log-property-tables.ts';

/** A way of reading the log as one might write it in an afternoon: a WHERE and an ORDER BY. */
export interface NaiveCursor {
  /** Where the log stands: an SQL expression. */
  readonly position: string;
  /** Which rows come after the position `$1`. */
  readonly after: string;
  readonly order: string;
}

const seen = {
  position: 'pg_current_snapshot()::text',
  after: 'NOT pg_visible_in_snapshot(xid, $1::pg_snapshot)',
};

export const cursors = {
  'id > n': {
    position: '(SELECT coalesce(max(id), 0)::text FROM change_log)',
    after: 'id > $1::bigint',
    order: 'id',
  },
  'a snapshot, ordered by xid': { ...seen, order: 'xid, id' },
  'a snapshot, ordered by id': { ...seen, order: 'id' },
} satisfies Record<string, NaiveCursor>;

/** Feeds a sink by reading the log over and over, each time in one snapshot. */
export async function feedNaively(
  connectionString: string,
  sink: BatchSink,
  cursor: NaiveCursor,
): Promise<AsyncDisposable> {
  const client = new pg.Client({ connectionString, application_name: 'writer' });
  await client.connect();
  const decode = createDecoder(channels);
  const asks: { position: string | undefined; answer: (replay: Replay) => void }[] = [];
  const source: BatchSource = { read: (position, answer) => void asks.push({ position, answer }) };
  const closing = new AbortController();

  async function standing(): Promise<string> {
    const { rows } = await client.query<{ at: string }>(`SELECT ${cursor.position} AS at`);
    return rows[0]!.at;
  }

  async function after(position: string): Promise<Announcement[]> {
    const { rows } = await client.query<{ channel: string; payload: string }>(
      `SELECT channel, payload FROM change_log WHERE ${cursor.after} ORDER BY ${cursor.order}`,
      [position],
    );
    return rows.map(({ channel, payload }) => decode(channel, payload));
  }

  let head = await standing();
  sink.attach(source, head);
  const done = (async () => {
    while (!closing.signal.aborted) {
      const asked = asks.splice(0);
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const to = await standing();
      const announcements = await after(head);
      const replays: Announcement[][] = [];
      for (const { position } of asked) replays.push(position === undefined ? [] : await after(position));
      await client.query('COMMIT');
      if (to !== head) sink.take({ from: head, to, announcements });
      head = to;
      asked.forEach(({ answer }, at) => answer({ kind: 'events', to, announcements: replays[at]! }));
      await delay(1);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await done;
      await client.end();
    },
  };
}
