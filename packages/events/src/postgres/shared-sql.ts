/**
 * What all channels' triggers share: the change log, the events' number, and the functions that fit a payload into a
 * notification. A notification of 8,000 bytes or more would fail the writer, so none is ever built that long.
 * Whoever may call these functions could announce what never happened: nobody may, but the triggers' owner.
 */
import { CREATE_LOG_SQL, DROP_LOG_SQL, RING_LIMIT_SQL, TRY_DOORBELL_SQL } from './change-log-sql.ts';

/** Bytes a payload may have; PostgreSQL's own limit is 7,999. */
export const PAYLOAD_BYTES = 7_900;

const FUNCTION_SETTINGS = 'LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp';

const FUNCTIONS = [
  'public.change_event_fit(json, text[])',
  'public.change_event_resync(text, text)',
  'public.change_event_resync_payload(text, bigint)',
];

export const CREATE_SHARED_SQL: readonly string[] = [
  `CREATE SEQUENCE IF NOT EXISTS public.change_event_seq AS bigint CACHE 1`,

  ...CREATE_LOG_SQL,

  `CREATE OR REPLACE FUNCTION public.change_event_resync_payload(reason text, seq bigint) RETURNS text
${FUNCTION_SETTINGS} AS $body$
BEGIN
  RETURN (SELECT row_to_json(e) FROM (SELECT 'RESYNC' AS operation, reason AS reason, seq AS seq) e);
END
$body$`,

  // Of a TRUNCATE, which has given its transaction an id already.
  `CREATE OR REPLACE FUNCTION public.change_event_resync(channel text, reason text) RETURNS void
${FUNCTION_SETTINGS} AS $body$
<<announce>>
DECLARE
  writer CONSTANT xid8 := pg_current_xact_id();
  ring_limit CONSTANT integer := ${RING_LIMIT_SQL};
  seq CONSTANT bigint := nextval('public.change_event_seq');
  payload CONSTANT text := public.change_event_resync_payload(reason, seq);
  rung boolean := false;
BEGIN
  IF ring_limit > 0 THEN
    rung := ${TRY_DOORBELL_SQL};
  END IF;
  INSERT INTO public.change_log (id, xid, at, rung, channel, payload)
  VALUES (announce.seq, announce.writer, clock_timestamp(), announce.rung, change_event_resync.channel, announce.payload);
  IF rung THEN
    PERFORM pg_notify(channel, payload);
  END IF;
END
$body$`,

  // Shortens the longest text that may be shortened, by what is too much, until the whole fits. Where it
  // cannot, everybody on the channel starts over.
  `CREATE OR REPLACE FUNCTION public.change_event_fit(event json, kept text[]) RETURNS text
${FUNCTION_SETTINGS} AS $body$
DECLARE
  budget CONSTANT integer := ${PAYLOAD_BYTES};
  names text[] := '{}';
  members json;
  payload text;
  longest record;
  excess integer;
  room integer;
BEGIN
  SELECT json_agg(json_build_object('key', m.key, 'value', m.value) ORDER BY m.ordinality) INTO members
  FROM json_each(event) WITH ORDINALITY m;
  LOOP
    SELECT '{' || string_agg(to_json(m.item ->> 'key')::text || ':' || (m.item -> 'value')::text, ',' ORDER BY m.ordinality)
      || CASE WHEN names = '{}' THEN '' ELSE ',"truncated":' || to_json(names)::text END || '}'
    INTO payload
    FROM json_array_elements(members) WITH ORDINALITY m(item, ordinality);
    excess := octet_length(payload) - budget;
    IF excess <= 0 THEN
      RETURN payload;
    END IF;
    SELECT m.item ->> 'key' AS key, m.item ->> 'value' AS value, octet_length((m.item -> 'value')::text) AS size
    INTO longest
    FROM json_array_elements(members) m(item)
    WHERE json_typeof(m.item -> 'value') = 'string'
      AND m.item ->> 'value' <> ''
      AND m.item ->> 'key' NOT IN ('operation', 'announced_at')
      AND m.item ->> 'key' <> ALL (kept)
    ORDER BY size DESC
    LIMIT 1;
    IF longest IS NULL THEN
      RETURN public.change_event_resync_payload('truncated-table', (event ->> 'seq')::bigint);
    END IF;
    -- In characters: the share of the text that fits, and at least one less than there was.
    room := least(
      char_length(longest.value) - 1,
      floor(char_length(longest.value) * greatest(0, longest.size - excess - 80)::numeric / longest.size)::integer
    );
    IF longest.key <> ALL (names) THEN
      names := names || longest.key::text;
    END IF;
    SELECT json_agg(
      CASE WHEN m.item ->> 'key' = longest.key
        THEN json_build_object('key', longest.key, 'value', left(longest.value, room))
        ELSE m.item
      END ORDER BY m.ordinality
    ) INTO members
    FROM json_array_elements(members) WITH ORDINALITY m(item, ordinality);
  END LOOP;
END
$body$`,

  ...FUNCTIONS.map((signature) => `REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`),
  `REVOKE ALL ON SEQUENCE public.change_event_seq FROM PUBLIC`,
];

export const DROP_SHARED_SQL: readonly string[] = [
  ...FUNCTIONS.map((signature) => `DROP FUNCTION ${signature}`),
  ...DROP_LOG_SQL,
  'DROP SEQUENCE public.change_event_seq',
];
