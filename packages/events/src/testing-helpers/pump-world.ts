import pg from 'pg';
import { expect, vi } from 'vitest';

import { testDatabase } from '../../../../db/testing.ts';
import { createChangeEvents, createChangeTriggers } from '../postgres/index.ts';
import { DOORBELL } from '../postgres/locks.ts';
import { type Pump, type PumpOptions, startPump } from '../postgres/pump.ts';

export const CHANNEL = 'item_changes';
const ITEMS = 10_000;
const HOUR = 3_600_000;

/** Patient, because the machine may be busy. */
export const until = { timeout: 14_000, interval: 10 };

/** A database of its own with one announced table of 10,000 rows, `item`, and its clients. */
export async function pumpWorld() {
  await using building = new AsyncDisposableStack();
  const { db, pool, connectionString } = building.use(await testDatabase({ migrated: false }));
  await pool.query(`CREATE TABLE item (id integer PRIMARY KEY, value integer NOT NULL);
    INSERT INTO item SELECT n, 0 FROM generate_series(1, ${ITEMS}) n`);
  await createChangeEvents(db);
  await createChangeTriggers(db, CHANNEL, {
    table: 'item',
    columns: ['id', 'value'],
    audience: ['item:{id}'],
  });
  const stack = building.move();
  const errors: unknown[] = [];

  const world = {
    pool,
    /** What the pumps reported. */
    errors,
    connectionString,
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync();
      expect(errors).toEqual([]);
    },

    /** One that does not find by chance what it must find otherwise: its safety read is an hour away. */
    pump(options: Partial<PumpOptions> = {}): Pump {
      return stack.use(
        startPump({
          connectionString,
          channels: [CHANNEL],
          onError: (error) => void errors.push(error),
          safety: HOUR,
          ...options,
        }),
      );
    },

    async client(): Promise<pg.Client> {
      const client = new pg.Client({ connectionString });
      await client.connect();
      stack.defer(() => client.end());
      return client;
    },

    /** What any PostgreSQL client hears that LISTENs. */
    async ear(): Promise<Ear> {
      const client = await world.client();
      const heard: number[] = [];
      const told: string[] = [];
      client.on('notification', ({ channel, payload = '' }) => {
        if (channel === CHANNEL && payload.includes('"seq"'))
          heard.push((JSON.parse(payload) as { seq: number }).seq);
        else told.push(payload);
      });
      await client.query(`LISTEN ${CHANNEL}; LISTEN change_log`);
      return { heard, told };
    },

    /** One-row updates of random rows, whose ids are above 100. Resolves with their number once `enough` says so. */
    async write(writers: number, enough: (written: number) => boolean): Promise<number> {
      let written = 0;
      const one = async (): Promise<void> => {
        const client = await world.client();
        while (!enough(written)) {
          written += 1;
          await client.query(update(101 + Math.floor(Math.random() * (ITEMS - 100))));
        }
      };
      await Promise.all(Array.from({ length: writers }, one));
      return written;
    },

    /** The log's events, in its order. */
    async logged(): Promise<{ id: number; rung: boolean }[]> {
      const { rows } = await pool.query<{ id: string; rung: boolean }>(
        'SELECT id, rung FROM change_log ORDER BY id',
      );
      return rows.map(({ id, rung }) => ({ id: Number(id), rung }));
    },

    /** Waits until as many were heard as were logged, and then for whatever else is on its way. */
    async settled({ heard, told }: Ear): Promise<{ heard: number[]; logged: number[] }> {
      const logged = (await world.logged()).map(({ id }) => id);
      await vi.waitUntil(() => heard.length >= logged.length, until);
      const sentinel = `sentinel ${heard.length}`;
      await pool.query('SELECT pg_notify($1, $2)', [CHANNEL, sentinel]);
      await vi.waitUntil(() => told.includes(sentinel), until);
      return { heard: heard.toSorted((one, other) => one - other), logged };
    },

    /** Whether somebody holds or awaits the doorbell. */
    async masked(): Promise<boolean> {
      const { rows } = await pool.query<{ masked: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'
           AND ((classid::bigint << 32) | objid::bigint) = $1::bigint) AS masked`,
        [String(DOORBELL)],
      );
      return rows[0]?.masked === true;
    },
  };
  return world;
}

export interface Ear {
  /** The events' numbers, as they came. */
  readonly heard: number[];
  /** Whatever else came. */
  readonly told: string[];
}

export const update = (id: number): string => `UPDATE item SET value = value + 1 WHERE id = ${id}`;
