import type pg from 'pg';

/** By the role that logged in, whatever it has since set; a process that is gone has none. */
const MAY_MARK_SQL = `
SELECT pid FROM pg_stat_activity
WHERE pid = ANY ($1::integer[]) AND datname = current_database()
  AND has_table_privilege(usesysid, 'public.change_log_state', 'UPDATE')`;

/**
 * Of these processes the ones whose role may do what the pump does. PostgreSQL has no right for NOTIFY: whoever may log in
 * may send what looks like a mark.
 */
export async function mayMark(
  client: pg.ClientBase,
  processIds: readonly number[],
): Promise<readonly number[]> {
  const { rows } = await client.query<{ pid: number }>({
    name: 'may-mark',
    text: MAY_MARK_SQL,
    values: [processIds],
  });
  return rows.map(({ pid }) => pid);
}
