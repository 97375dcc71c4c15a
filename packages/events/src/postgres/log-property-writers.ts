import { setTimeout as delay } from 'node:timers/promises';

import pg from 'pg';

import type { Random } from './log-property-random.ts';
import { randomStatement } from './log-property-tables.ts';

/** What a schedule may run into: it could not be serialised, was a deadlock, a row that is gone or there already. */
const EXPECTED = new Set(['40001', '40P01', '23503', '23505']);

export interface Writers extends AsyncDisposable {
  /** Lets one of them take its next step, as far as it gets before it waits for another. */
  step(): Promise<void>;
  /** How many transactions were committed in two phases. */
  readonly prepared: number;
  /** Ends everything that is open. */
  finish(): Promise<void>;
}

interface Writer {
  readonly client: pg.Client;
  readonly pid: number;
  busy: Promise<void> | undefined;
  /** Statements to go, in the transaction that is open. */
  left: number | undefined;
  prepares: boolean;
  savepoints: number;
}

/** Several sessions whose statements are interleaved at random, one at a time: as a seed says, but for who waits. */
export async function openWriters(connectionString: string, random: Random, count: number): Promise<Writers> {
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString, application_name: 'writer' });
    await client.connect();
    return client;
  };
  const control = await connect();
  const writers = await Promise.all(Array.from({ length: count }, async () => open(await connect())));
  const prepared: string[] = [];
  let names = 0;
  let committed = 0;

  async function run(writer: Writer, text: string): Promise<boolean> {
    try {
      await writer.client.query(text);
      return true;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && EXPECTED.has(error.code ?? ''))) throw error;
      if (writer.left !== undefined) await writer.client.query('ROLLBACK');
      writer.left = undefined;
      return false;
    }
  }

  async function begin(writer: Writer): Promise<void> {
    const isolation = random.weighted([3, 'READ COMMITTED'], [1, 'REPEATABLE READ']);
    writer.left = random.below(5) + 1;
    writer.savepoints = 0;
    writer.prepares = random.chance(0.15);
    await run(writer, `BEGIN ISOLATION LEVEL ${isolation}`);
    if (writer.prepares) await run(writer, 'SET LOCAL change_log.ring_limit = 0');
  }

  async function end(writer: Writer): Promise<void> {
    if (random.chance(0.2)) await run(writer, 'ROLLBACK');
    else if (!writer.prepares) await run(writer, 'COMMIT');
    else {
      const name = `p${(names += 1)}_${writer.pid}`;
      if (await run(writer, `PREPARE TRANSACTION '${name}'`)) prepared.push(name);
    }
    writer.left = undefined;
  }

  async function advance(writer: Writer): Promise<void> {
    if (writer.left === undefined) {
      if (random.chance(0.6)) return begin(writer);
      await run(writer, randomStatement(random));
      return;
    }
    if (writer.left === 0) return end(writer);
    writer.left -= 1;
    const savepoint = `s${writer.savepoints}`;
    if (random.chance(0.15)) {
      writer.savepoints += 1;
      await run(writer, `SAVEPOINT s${writer.savepoints}`);
    } else if (writer.savepoints > 0 && random.chance(0.2)) await run(writer, `ROLLBACK TO ${savepoint}`);
    else await run(writer, randomStatement(random));
  }

  /** Until the writer is done or waits for a lock. */
  async function settle(writer: Writer): Promise<void> {
    await Promise.race([writer.busy, delay(2)]);
    while (writer.busy !== undefined) {
      const { rows } = await control.query<{ waits: boolean }>(
        'SELECT cardinality(pg_blocking_pids($1)) > 0 AS waits',
        [writer.pid],
      );
      if (rows[0]!.waits) return;
    }
  }

  function start(writer: Writer, work: (writer: Writer) => Promise<void>): void {
    writer.busy = work(writer).finally(() => (writer.busy = undefined));
  }

  async function resolvePrepared(): Promise<void> {
    const [name] = prepared.splice(random.below(prepared.length), 1);
    const isCommitted = random.chance(0.8);
    await control.query(`${isCommitted ? 'COMMIT' : 'ROLLBACK'} PREPARED '${name}'`);
    if (isCommitted) committed += 1;
  }

  const waiting = (): Promise<void>[] => writers.flatMap(({ busy }) => busy ?? []);
  return {
    get prepared() {
      return committed;
    },
    async step() {
      const idle = writers.filter(({ busy }) => busy === undefined);
      if (prepared.length > 0 && (idle.length === 0 || random.chance(0.1))) return resolvePrepared();
      if (idle.length === 0) return Promise.race(waiting());
      const writer = random.pick(idle);
      start(writer, advance);
      await settle(writer);
    },
    async finish() {
      while (
        prepared.length > 0 ||
        writers.some(({ busy, left }) => busy !== undefined || left !== undefined)
      ) {
        const unended = writers.filter(({ busy, left }) => busy === undefined && left !== undefined);
        for (const writer of unended) start(writer, end);
        if (prepared.length > 0) await resolvePrepared();
        else await Promise.race(waiting());
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([control, ...writers.map(({ client }) => client)].map((client) => client.end()));
    },
  };
}

async function open(client: pg.Client): Promise<Writer> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return { client, pid: rows[0]!.pid, busy: undefined, left: undefined, prepares: false, savepoints: 0 };
}
