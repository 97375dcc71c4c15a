import type pg from 'pg';

import { resolveEpoch } from './epoch.ts';
import { PRUNE } from './locks.ts';
import type { Retention } from './retention.ts';
import { parseSnapshot } from './snapshot.ts';
import { writersAmong } from './writers.ts';

/** The largest number of events that there can be: so many were there when the sequence stood there. */
export interface Counted {
  readonly events: number;
  readonly sequence: number;
}

export interface Pruned {
  readonly deleted: number;
  readonly counted: Counted | undefined;
}

/** Rows that one transaction deletes. */
const BATCH = 10_000;

/**
 * Deletes the log's oldest transactions, whole, as far as they are beyond the retention by the database's clock, and
 * older than every transaction of this database that is open. In small transactions, by one server at a time; `deleted` is 0 when it is another's turn.
 * For a client outside any transaction. The events are counted only if, given the last count, they may be too many.
 */
export async function prune(client: pg.ClientBase, retention: Retention, counted?: Counted): Promise<Pruned> {
  // First, what the log says must be of this history, and the end of the one before written down.
  await resolveEpoch(client);
  const plan = await inTurn(client, () => findEnd(client, retention, counted));
  const deleted = plan?.end === undefined ? 0 : await deleteBelow(client, plan.end);
  const left = plan?.counted && { ...plan.counted, events: Math.max(0, plan.counted.events - deleted) };
  return { deleted, counted: left };
}

/** A transaction of its own while no other server prunes; undefined while one does. */
async function inTurn<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T | undefined> {
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
  try {
    const { rows } = await client.query<{ mine: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${PRUNE}) AS mine`,
    );
    const result = rows[0]!.mine ? await work() : undefined;
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

interface Facts {
  readonly pruned_below: string;
  readonly taken: string;
  /** Of the oldest row that is young enough. */
  readonly young: string | null;
  readonly newest: string | null;
  readonly sequence: string;
}

/** Transactions below `end` are to go. By the index, from the log's old end: cheap when nothing is to be done. */
async function findEnd(client: pg.ClientBase, { hours, events }: Retention, counted: Counted | undefined) {
  const { rows } = await client.query<Facts>(
    `SELECT s.pruned_below::text, pg_current_snapshot()::text AS taken,
      (SELECT l.xid::text FROM public.change_log l
        WHERE l.xid >= s.pruned_below AND l.at >= now() - $1 * interval '1 hour' ORDER BY l.xid LIMIT 1) AS young,
      (SELECT l.xid::text FROM public.change_log l ORDER BY l.xid DESC LIMIT 1) AS newest,
      (SELECT last_value::text FROM public.change_event_seq) AS sequence
     FROM public.change_log_state s`,
    [hours],
  );
  const [facts] = rows;
  if (facts === undefined || facts.newest === null) return { end: undefined, counted: undefined };
  const sequence = Number(facts.sequence);
  const atMost = counted && counted.events + sequence - counted.sequence;
  const known =
    counted !== undefined && sequence >= counted.sequence && atMost! <= events
      ? counted
      : { events: await count(client), sequence };
  const ends = [BigInt(facts.young ?? facts.newest) + (facts.young === null ? 1n : 0n)];
  if (known.events > events) ends.push(await endOfOldest(client, known.events - events));
  const wanted = ends.reduce((one, other) => (one > other ? one : other));
  const end = await endBeforeWriters(client, facts.taken, wanted);
  return { end: end > BigInt(facts.pruned_below) ? String(end) : undefined, counted: known };
}

/**
 * Positions lack what transactions still open will have written. What is open in other databases writes nothing here, and
 * may stay open for days: the readers pass it over.
 */
async function endBeforeWriters(client: pg.ClientBase, taken: string, wanted: bigint): Promise<bigint> {
  const open = parseSnapshot(taken).inProgress.filter((xid) => xid < wanted);
  const [oldest] = open.length === 0 ? [] : await writersAmong(client, open);
  return oldest?.xid ?? wanted;
}

async function count(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ events: string }>('SELECT count(*) AS events FROM public.change_log');
  return Number(rows[0]!.events);
}

/** Behind the transaction with the last of so many rows. */
async function endOfOldest(client: pg.ClientBase, events: number): Promise<bigint> {
  const { rows } = await client.query<{ xid: string }>(
    'SELECT l.xid::text FROM public.change_log l ORDER BY l.xid OFFSET $1 LIMIT 1',
    [events - 1],
  );
  return BigInt(rows[0]?.xid ?? 0) + 1n;
}

/** Batch by batch, as long as no other server begins to prune between two of them. */
async function deleteBelow(client: pg.ClientBase, end: string): Promise<number> {
  let deleted = 0;
  for (let from = '0'; ;) {
    const after = from;
    const batch = await inTurn(client, () => deleteBatch(client, after, end));
    deleted += batch?.rows ?? 0;
    if (batch === undefined || batch.rows < BATCH) return deleted;
    from = batch.last;
  }
}

/** Says first, in the same transaction, that what is below `end` may be gone. `from` spares it what it has deleted. */
async function deleteBatch(client: pg.ClientBase, from: string, end: string) {
  await client.query(
    'UPDATE public.change_log_state SET pruned_below = $1::xid8 WHERE pruned_below < $1::xid8',
    [end],
  );
  const { rows } = await client.query<{ rows: number; last: string | null }>(
    `WITH gone AS (
      DELETE FROM public.change_log d WHERE d.ctid = ANY (ARRAY(
        SELECT l.ctid FROM public.change_log l WHERE l.xid >= $1::xid8 AND l.xid < $2::xid8
        ORDER BY l.xid LIMIT ${BATCH}))
      RETURNING d.xid)
     SELECT count(*)::integer AS rows, max(xid::text::numeric)::text AS last FROM gone`,
    [from, end],
  );
  return { rows: rows[0]!.rows, last: rows[0]!.last ?? from };
}
