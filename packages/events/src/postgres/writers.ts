import type pg from 'pg';

/** A transaction that may write to this database's log. */
export interface Writer {
  readonly xid: bigint;
  /** Its process; 0: it is a prepared one and has none, or it has ended meanwhile. */
  readonly pid: number;
}

/** A snapshot names the transactions of the whole server; those of other databases are left out. */
const WRITERS_SQL = `
SELECT t.xid::text, coalesce(l.pid, 0) AS pid
FROM unnest($1::xid8[]) t(xid)
LEFT JOIN pg_locks l ON l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted AND l.transactionid = t.xid::xid
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE (a.datid IS NULL OR a.datid = (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND NOT EXISTS (SELECT FROM pg_prepared_xacts p WHERE p.transaction = t.xid::xid AND p.database <> current_database())
ORDER BY t.xid`;

/** Of the transactions those that may write to this log, the oldest first. */
export async function writersAmong(client: pg.ClientBase, xids: readonly bigint[]): Promise<Writer[]> {
  const { rows } = await client.query<{ xid: string; pid: number }>(WRITERS_SQL, [xids.map(String)]);
  return rows.map(({ xid, pid }) => ({ xid: BigInt(xid), pid }));
}
