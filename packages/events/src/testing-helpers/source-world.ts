import { sql } from 'kysely';
import pg from 'pg';
import { expect, vi } from 'vitest';

import { testDatabase } from '../../../../db/testing.ts';
import type { Batch, BatchSink, BatchSource, GapReason, Replay } from '../batch.ts';
import type { ChannelDefinitions } from '../contract.ts';
import type { Announcement } from '../event.ts';
import { LOG_CHANNEL } from '../postgres/change-log-sql.ts';
import { listen } from '../postgres/listener.ts';
import { DOORBELL } from '../postgres/locks.ts';
import { connectToLog } from '../postgres/log-connection.ts';
import { createEmitter } from '../postgres/pump-emit.ts';
import { createSource, type SourceOptions } from '../postgres/source.ts';
import { createChangeTriggers } from '../postgres/triggers.ts';

/** How batches can come. */
export const ways = ['the log alone', "the pump's notifications"] as const;
export type Way = (typeof ways)[number];

const HOUR = 3_600_000;

/** For `beforeAll`, after `useOwnServer`: otherwise the first test would wait for the server's migrated template. */
export async function migrateTemplate(): Promise<void> {
  await using _first = await testDatabase();
}

export const channels: ChannelDefinitions = {
  thing_changes: { table: 'thing', columns: ['id', 'version'], audience: ['all:{id}'] },
  other_changes: { table: 'other', columns: ['id', 'version'], audience: ['all:{id}'] },
};

/** Notes what it is given, and fails when batches do not follow one another. */
export class RecordingSink implements BatchSink {
  head = '';
  source: BatchSource | undefined;
  readonly batches: Batch[] = [];
  readonly gaps: GapReason[] = [];
  readonly broken: string[] = [];

  attach(source: BatchSource, head: string): void {
    if (this.source !== undefined) this.broken.push('attached twice');
    this.source = source;
    this.head = head;
  }

  take(batch: Batch): void {
    if (batch.from !== this.head) this.broken.push(`${batch.from} does not follow ${this.head}`);
    this.batches.push(batch);
    this.head = batch.to;
  }

  gap(to: string, reason: GapReason): void {
    this.gaps.push(reason);
    this.head = to;
  }

  get events(): string[] {
    return this.batches.flatMap(({ announcements }) => announcements.map(nameOf));
  }
}

/** Which row, and which of its versions. */
export function nameOf(announcement: Announcement): string {
  if (announcement.kind === 'resync') return `resync ${announcement.channel}`;
  const { id, version, operation } = announcement.event;
  return `${String(id)}.${operation === 'DELETE' ? 'gone' : String(version)}`;
}

/** Two announced tables, a source that listens, and what it told. The safety read is off unless asked for. */
export async function openSource(way: Way, options: Partial<SourceOptions> = {}) {
  await using opening = new AsyncDisposableStack();
  const { connectionString, pool, db } = opening.use(await testDatabase());
  for (const [channel, definition] of Object.entries(channels)) {
    await sql`CREATE TABLE ${sql.table(definition.table)} (id int PRIMARY KEY, version int NOT NULL)`.execute(
      db,
    );
    await createChangeTriggers(db, channel, definition);
  }
  const pump = way === 'the log alone' ? undefined : opening.use(await runPump(connectionString));
  const sink = new RecordingSink();
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const source = opening.use(
    createSource({
      definitions: channels,
      sink,
      log: connectToLog({ connectionString }),
      onError,
      marks: way !== 'the log alone',
      safetyInterval: HOUR,
      ...options,
    }),
  );
  opening.use(
    await listen({
      connectionString,
      channels: [...Object.keys(channels), LOG_CHANNEL],
      onNotification: (channel, payload, processId) => source.hear({ channel, payload }, processId),
      onGap: () => source.listening(),
      onError,
    }),
  );
  await source.begin();
  const stack = opening.move();
  return {
    connectionString,
    pool,
    sink,
    source,
    errors,
    pump,
    async client(): Promise<pg.Client> {
      const client = new pg.Client({ connectionString });
      await client.connect();
      stack.defer(() => client.end());
      return client;
    },
    write: (id: number, version = 0) => pool.query('INSERT INTO thing VALUES ($1, $2)', [id, version]),
    /** What the sink was told, once it was told of so many. */
    async told(count: number): Promise<string[]> {
      await vi.waitFor(() => expect(sink.events.length).toBeGreaterThanOrEqual(count), {
        timeout: 10_000,
        interval: 5,
      });
      return sink.events;
    },
    /** What a resume from the position gets, and where the sink stood when it got it. */
    resume: (position: string | undefined) => resume(source, sink, position),
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync();
      expect(sink.broken).toEqual([]);
    },
  };
}

export function resume(source: BatchSource, sink: RecordingSink, position: string | undefined) {
  return new Promise<Replay & { readonly head: string }>((resolve) => {
    source.read(position, (replay) => resolve({ ...replay, head: sink.head }));
  });
}

/** Masks every writer, and emits what they commit, as the pump does under load. */
async function runPump(connectionString: string) {
  const client = new pg.Client({ connectionString, application_name: 'pump' });
  await client.connect();
  await client.query('SELECT pg_advisory_lock($1)', [String(DOORBELL)]);
  const emitter = createEmitter(client, Object.keys(channels));
  const closing = new AbortController();
  const done = (async () => {
    while (!closing.signal.aborted) {
      await emitter.advance();
      await new Promise(setImmediate);
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
