import { LOG_CHANNEL } from './change-log-sql.ts';
import { IDENTITY_SQL } from './epoch.ts';

/**
 * The pump's statements. Each is a snapshot and a transaction of its own: a pump that is stopped between two of them
 * holds nothing.
 */

/** What the cursor ($1 in progress, $2 xmax) has not seen, whoever else is long in progress. */
const LOG_AFTER_CURSOR = `(
    SELECT id, xid, rung, channel, payload FROM public.change_log WHERE xid = ANY ($1::xid8[])
    UNION ALL
    SELECT id, xid, rung, channel, payload FROM public.change_log WHERE xid >= $2::xid8
  ) l`;

/** What there is after the cursor: counted up to $3. */
export const LOOK_SQL = `
SELECT s.emitted_epoch, s.emitted, s.pruned_below::text, ${IDENTITY_SQL} AS identity,
  pg_current_snapshot()::text AS seen,
  (SELECT xid::text FROM public.change_log ORDER BY change_log.xid DESC LIMIT 1) AS newest, f.*
FROM public.change_log_state s CROSS JOIN LATERAL (
  SELECT count(*)::integer AS events, (count(*) FILTER (WHERE NOT rung))::integer AS unrung,
    coalesce(string_agg(xid::text, ',' ORDER BY id), '') AS xids
  FROM (SELECT id, xid, rung FROM ${LOG_AFTER_CURSOR} LIMIT $3) t
) f
WHERE s.one`;

/**
 * Emits what was seen in $3 and lies behind id $4, at most $5 events, in the order of the log; then, if that was all, the
 * mark $11. Moves the cursor from $6, $7 (text, epoch) to epoch $8 and $9, or to $10 with the last id where more is left.
 * If another pump moved it meanwhile, nothing is emitted. What PostgreSQL could not notify is passed over.
 */
export const EMIT_SQL = `
WITH events AS MATERIALIZED (
  SELECT id, channel, payload FROM ${LOG_AFTER_CURSOR}
  WHERE NOT rung AND id > $4::bigint AND pg_visible_in_snapshot(xid, $3::pg_snapshot)
    AND octet_length(payload) < 8000 AND octet_length(channel) BETWEEN 1 AND 63
  ORDER BY id LIMIT $5::integer
), moved AS (
  UPDATE public.change_log_state SET emitted_epoch = $8,
    emitted = CASE WHEN (SELECT count(*) FROM events) < $5::integer THEN $9 ELSE $10 || (SELECT max(id) FROM events) END
  WHERE one AND emitted IS NOT DISTINCT FROM $6 AND emitted_epoch IS NOT DISTINCT FROM $7
  RETURNING emitted
), notified AS MATERIALIZED (
  SELECT pg_notify(e.channel, e.payload)
  FROM (SELECT * FROM events WHERE EXISTS (SELECT FROM moved) ORDER BY id OFFSET 0) e
)
SELECT m.emitted, (SELECT count(n) FROM notified n)::integer AS events,
  CASE WHEN m.emitted = $9 THEN pg_notify('${LOG_CHANNEL}', $11) END AS marked
FROM moved m`;

/** Moves the cursor past events that all were rung by their writers, or past no events. */
export const MOVE_SQL = `
UPDATE public.change_log_state SET emitted_epoch = $3, emitted = $4
WHERE one AND emitted IS NOT DISTINCT FROM $1 AND emitted_epoch IS NOT DISTINCT FROM $2
RETURNING emitted`;

/** Begins at the present ($3, $4), where the cursor is of another history or pruned, and tells the channels of $5. */
export const RESTART_SQL = `
WITH moved AS (${MOVE_SQL})
SELECT pg_notify(c, public.change_event_resync_payload('gap', nextval('public.change_event_seq')))
FROM moved, unnest($5::text[]) c`;

/**
 * Gives the pump's session an id, and ends it. A snapshot names of those in progress only the ones below the largest that
 * has ended; after this one has, it names all that were there before.
 */
export const PASS_SQL = 'SELECT pg_current_xact_id()';
