import type pg from 'pg';

import { IDENTITY_SQL } from './epoch.ts';
import { isVisible, parseSnapshot, passOver, type Snapshot, startOf } from './snapshot.ts';

/**
 * For sessions that read the log. Planning would take most of the time of a read, and the plans must not depend on what
 * the log's size was when it was last looked at.
 */
export const READING: Readonly<Record<string, string>> = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  jit: 'off',
};

/** One row of the change log. */
export interface LogRow {
  /** The event's `seq`. */
  readonly id: number;
  readonly xid: bigint;
  /** Whether its writer notified by itself. */
  readonly rung: boolean;
  readonly channel: string;
  readonly payload: string;
}

export interface LogRead {
  /** Of which history the database is; when it differs from the one known, nothing else here means anything. */
  readonly identity: string;
  /** Every row with a smaller xid may have been deleted. */
  readonly prunedBelow: bigint;
  /** The snapshot in which the statement read, as PostgreSQL says it. */
  readonly taken: Snapshot;
  /** The same as the log has it: what is in progress below `prunedBelow` is of other databases, and passed over. */
  readonly seen: Snapshot;
  /** No row of a larger xid was to be seen in the log; what a position made of `seen` is clamped to. */
  readonly largest: bigint;
  /** What was committed after `from`, in the order of `id`. */
  readonly rows: readonly LogRow[];
  /** When there were more than `limit`, the newest transactions' were read: of xids up to this one some are missing. */
  readonly missingUpTo: bigint | undefined;
}

export interface LogRequest {
  /** Rows not to be seen in it are read; without it none, only where the log stands. */
  readonly from: Snapshot | undefined;
  readonly limit: number;
  /** Only rows of these. Default: of all. */
  readonly channels?: readonly string[] | undefined;
}

/**
 * One statement, hence one snapshot. The first row says where the log stands, the others are the log's: of the
 * transactions named in $1 and of all from $2 on, whoever else is long in progress.
 */
const READ_SQL = `
WITH fresh AS MATERIALIZED (
  SELECT id, xid, rung, channel, payload FROM (
    SELECT id, xid, rung, channel, payload FROM public.change_log WHERE xid = ANY ($1::xid8[])
    UNION ALL
    SELECT id, xid, rung, channel, payload FROM public.change_log WHERE xid >= $2::xid8
  ) l
  WHERE pg_visible_in_snapshot(xid, pg_current_snapshot()) AND ($4::text[] IS NULL OR channel = ANY ($4))
  ORDER BY xid DESC LIMIT $3
)
SELECT NULL::bigint AS id, (SELECT xid::text FROM public.change_log ORDER BY change_log.xid DESC LIMIT 1) AS xid,
  NULL::boolean AS rung, ${IDENTITY_SQL} AS channel, json_build_object('seen', pg_current_snapshot()::text,
  'prunedBelow', (SELECT pruned_below::text FROM public.change_log_state))::text AS payload
UNION ALL SELECT id, xid::text, rung, channel, payload FROM fresh ORDER BY id NULLS FIRST`;

/** Sees every transaction there is, so that no row is fresh. */
const EVERYTHING: Snapshot = { xmin: 2n ** 64n - 1n, xmax: 2n ** 64n - 1n, inProgress: [] };

interface Line {
  readonly id: string | null;
  readonly xid: string | null;
  readonly rung: boolean | null;
  readonly channel: string;
  readonly payload: string;
}

/**
 * Reads what the log holds that was not to be seen in `from`, in one snapshot. Of more than `limit` rows it reads
 * those of the newest transactions, enough to know that there were more.
 */
export async function readLog(
  client: pg.ClientBase,
  { from = EVERYTHING, limit, channels }: LogRequest,
): Promise<LogRead> {
  const { rows: lines } = await client.query<Line>({
    name: 'read-change-log',
    text: READ_SQL,
    values: [...startOf(from), limit + 1, channels],
  });
  const [first, ...rest] = lines;
  if (first === undefined) throw new Error('The change log answered without a row.');
  const { seen, prunedBelow: pruned } = JSON.parse(first.payload) as {
    seen: string;
    prunedBelow: string | null;
  };
  const prunedBelow = BigInt(pruned ?? 0);
  const taken = parseSnapshot(seen);
  const newest = first.xid === null ? 0n : BigInt(first.xid);
  const rows = rest.map(({ id, xid, rung, channel, payload }) => ({
    id: Number(id),
    xid: BigInt(xid ?? 0),
    rung: rung === true,
    channel,
    payload,
  }));
  const missing = rows.length > limit;
  return {
    identity: first.channel,
    prunedBelow,
    taken,
    seen: passOver(taken, prunedBelow),
    // What was pruned was to be seen; without its rows the log would seem to go back.
    largest: newest >= prunedBelow ? newest : prunedBelow - 1n,
    rows,
    missingUpTo: missing
      ? rows.reduce((least, { xid }) => (xid < least ? xid : least), rows[0]!.xid)
      : undefined,
  };
}

/** The rows of a read that a snapshot lacks; undefined when the read does not hold them all. */
export function rowsAfter({ rows, missingUpTo }: LogRead, snapshot: Snapshot): readonly LogRow[] | undefined {
  if (missingUpTo !== undefined && snapshot.xmin <= missingUpTo) return undefined;
  return rows.filter(({ xid }) => !isVisible(xid, snapshot));
}
