/**
 * What all channels' triggers share: the events' number, and the functions that fit a payload into a
 * notification. A notification of 8,000 bytes or more would fail the writer, so none is ever built that long.
 */

/** Bytes a payload may have; PostgreSQL's own limit is 7,999. */
export const PAYLOAD_BYTES = 7_900;

const FUNCTION_SETTINGS = 'LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp';

export const CREATE_SHARED_SQL: readonly string[] = [
  `CREATE SEQUENCE IF NOT EXISTS public.change_event_seq AS bigint CACHE 1`,

  `CREATE OR REPLACE FUNCTION public.change_event_resync(channel text, reason text) RETURNS void
${FUNCTION_SETTINGS} AS $body$
BEGIN
  PERFORM pg_notify(channel, row_to_json(e)::text)
  FROM (SELECT 'RESYNC' AS operation, reason AS reason, nextval('public.change_event_seq') AS seq) e;
END
$body$`,

  // Shortens the longest text that may be shortened, by what is too much, until the whole fits. NULL: it cannot.
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
      RETURN NULL;
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

  `CREATE OR REPLACE FUNCTION public.change_event_notify(channel text, event json, kept text[]) RETURNS void
${FUNCTION_SETTINGS} AS $body$
DECLARE
  payload text := event::text;
BEGIN
  IF octet_length(payload) > ${PAYLOAD_BYTES} THEN
    payload := public.change_event_fit(event, kept);
  END IF;
  IF payload IS NULL THEN
    PERFORM public.change_event_resync(channel, 'truncated-table');
  ELSE
    PERFORM pg_notify(channel, payload);
  END IF;
END
$body$`,
];

export const DROP_SHARED_SQL: readonly string[] = [
  'DROP FUNCTION public.change_event_notify(text, json, text[])',
  'DROP FUNCTION public.change_event_fit(json, text[])',
  'DROP FUNCTION public.change_event_resync(text, text)',
  'DROP SEQUENCE public.change_event_seq',
];
