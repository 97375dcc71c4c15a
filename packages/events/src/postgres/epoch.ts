import { randomBytes } from 'node:crypto';

import type pg from 'pg';

import type { Position } from './position.ts';

/** What the database knows of its own history; ask anew when a read brings another `identity`. */
export interface Epochs {
  /** Of positions that are made now. */
  readonly current: string;
  /** What {@link IDENTITY_SQL} says as long as this holds. */
  readonly identity: string;
  /**
   * Whether the position was made in this history, before the epoch ended that it names. Whether it is older than the
   * log, or ahead of it, only a read of the log tells.
   */
  accepts(position: Position): boolean;
}

/**
 * What no two histories have in common. Cluster and timeline: a dump restored elsewhere, a promoted standby, a point in
 * time. Database: re-created, or cloned by TEMPLATE. File: truncated. And the moment at which statistics were last
 * thrown away, which is what PostgreSQL does after every crash: the volume may be a copy from before, and transactions
 * that did not wait for the disk are gone, so that their ids are handed out again. (Before 15 that moment is dear to
 * ask for; there every start counts as after a crash.)
 */
const HISTORY_SQL = `concat_ws(' ',
  (SELECT system_identifier FROM pg_control_system()),
  left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
  (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()),
  pg_relation_filenode('public.change_log'),
  extract(epoch FROM CASE WHEN current_setting('server_version_num')::integer >= 150000
    THEN pg_stat_get_bgwriter_stat_reset_time() ELSE pg_postmaster_start_time() END))`;

/** A start after an orderly stop changes this alone. It may be the start of a copy, though. */
const START_SQL = 'extract(epoch FROM pg_postmaster_start_time())';

const NEWEST_EPOCH_SQL = '(SELECT e.epoch FROM public.change_log_epoch e ORDER BY e.number DESC LIMIT 1)';

/** Rows of transactions that have not begun came from another history, with a dump. */
const FOREIGN_SQL = `(SELECT l.xid FROM public.change_log l ORDER BY l.xid DESC LIMIT 1)
  >= pg_snapshot_xmax(pg_current_snapshot())`;

/**
 * An SQL expression for every read of the log to select, so that the read itself tells that the database is not the one
 * it was. It differs from {@link Epochs}' when that is so; the rows of such a read are then to be read again.
 */
export const IDENTITY_SQL = `concat_ws(' ', ${HISTORY_SQL}, ${START_SQL}, ${NEWEST_EPOCH_SQL},
  CASE WHEN ${FOREIGN_SQL} THEN 'foreign rows' END)`;

/** As {@link FOREIGN_SQL}, and those whose transactions are still open: a row that is to be seen was committed. */
const FOREIGN_ROWS_SQL = `public.change_log l WHERE l.xid >= pg_snapshot_xmin(pg_current_snapshot())
  AND NOT pg_visible_in_snapshot(l.xid, pg_current_snapshot())`;

interface EpochRow {
  readonly epoch: string;
  readonly identity: string;
  readonly continues: string | null;
  readonly ended_before: string | null;
}

/**
 * Makes sure that the newest epoch is of the present history, and says which positions belong to it. For a client
 * outside any transaction, of the role that owns the log.
 */
export async function resolveEpoch(client: pg.ClientBase): Promise<Epochs> {
  // Read committed: after the wait for the lock, what others have found meanwhile is to be seen.
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
  try {
    await client.query('LOCK TABLE public.change_log_epoch IN SHARE ROW EXCLUSIVE MODE');
    const { rows: known } = await client.query<EpochRow>(
      'SELECT epoch, identity, continues, ended_before::text FROM public.change_log_epoch ORDER BY number',
    );
    const newest = known.at(-1);
    const { history, start, foreign } = await look(client);
    if (newest?.identity !== `${history} ${start}` || foreign) {
      const same = newest !== undefined && !foreign && newest.identity.startsWith(`${history} `);
      await begin(client, `${history} ${start}`, same ? await continuation(client, newest.epoch) : undefined);
    }
    const { rows } = await client.query<EpochRow & { now: string }>(
      `SELECT epoch, identity, continues, ended_before::text, ${IDENTITY_SQL} AS now
       FROM public.change_log_epoch ORDER BY number`,
    );
    await client.query('COMMIT');
    return describe(rows, rows[0]!.now);
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function look(client: pg.ClientBase) {
  const { rows } = await client.query<{ history: string; start: string; foreign: boolean }>(
    `SELECT ${HISTORY_SQL} AS history, (${START_SQL})::text AS start, EXISTS (SELECT FROM ${FOREIGN_ROWS_SQL}) AS foreign`,
  );
  return rows[0]!;
}

interface Continuation {
  readonly epoch: string;
  readonly endedBefore: bigint;
}

/**
 * After an orderly stop nothing was open, so positions of what the log held then stay good. Those of what it holds now,
 * or of a copy that went on elsewhere, have seen a larger id. Prepared transactions outlast a stop, and such a
 * copy may have ended them otherwise: then nothing is continued.
 */
async function continuation(client: pg.ClientBase, epoch: string): Promise<Continuation | undefined> {
  const { rows } = await client.query<{ largest: string; pruned_below: string | null; prepared: boolean }>(
    `SELECT coalesce((SELECT l.xid::text FROM public.change_log l WHERE l.at < pg_postmaster_start_time()
        ORDER BY l.xid DESC LIMIT 1), '0') AS largest,
      (SELECT pruned_below::text FROM public.change_log_state) AS pruned_below,
      EXISTS (SELECT FROM pg_prepared_xacts p
        WHERE p.database = current_database() AND p.prepared < pg_postmaster_start_time()) AS prepared`,
  );
  const { largest, pruned_below, prepared } = rows[0]!;
  if (prepared) return undefined;
  const [behind, pruned] = [BigInt(largest) + 1n, BigInt(pruned_below ?? 0)];
  // Nobody prunes before this is done, so what was pruned was from before the stop.
  return { epoch, endedBefore: behind > pruned ? behind : pruned };
}

async function begin(
  client: pg.ClientBase,
  identity: string,
  continued: Continuation | undefined,
): Promise<void> {
  // Lost in a crash, it would be unknown, which is safe but lets everybody start over.
  await client.query("SELECT set_config('synchronous_commit', 'on', true)");
  if (continued === undefined) {
    await client.query(`DELETE FROM ${FOREIGN_ROWS_SQL}`);
    await client.query('DELETE FROM public.change_log_epoch');
    // Another history's may lie ahead of this one's transactions, which would refuse every position for ever.
    await client.query(`UPDATE public.change_log_state SET pruned_below = pg_snapshot_xmin(pg_current_snapshot())
      WHERE pruned_below > pg_snapshot_xmin(pg_current_snapshot())`);
  } else {
    await client.query('UPDATE public.change_log_epoch SET ended_before = $2::xid8 WHERE epoch = $1', [
      continued.epoch,
      String(continued.endedBefore),
    ]);
  }
  await client.query('INSERT INTO public.change_log_epoch (epoch, identity, continues) VALUES ($1, $2, $3)', [
    randomBytes(5).toString('base64url').slice(0, 6),
    identity,
    continued?.epoch ?? null,
  ]);
}

function describe(rows: readonly EpochRow[], identity: string): Epochs {
  const current = rows.at(-1)!;
  const endedBefore = new Map<string, bigint>();
  for (let at = rows.length - 1; at > 0 && rows[at]!.continues === rows[at - 1]!.epoch; at -= 1) {
    const { epoch, ended_before } = rows[at - 1]!;
    endedBefore.set(epoch, BigInt(ended_before ?? 0));
  }
  return {
    current: current.epoch,
    identity,
    accepts({ epoch, snapshot }) {
      if (epoch === current.epoch) return true;
      const end = endedBefore.get(epoch);
      return end !== undefined && snapshot.xmax <= end;
    },
  };
}
