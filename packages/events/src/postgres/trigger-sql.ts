import { fnv1a } from '../contract-version.ts';
import { audienceColumns, type ChannelDefinition, keyOf } from '../contract.ts';
import { byteLength, NAME_BYTES } from '../name-length.ts';
import { LOG_CHANNEL, RING_LIMIT_SQL, TRY_DOORBELL_SQL } from './change-log-sql.ts';
import { PAYLOAD_BYTES } from './shared-sql.ts';

/**
 * The SQL of a channel's triggers, as plain text. Everything is schema-qualified, quoted, and runs with a fixed
 * `search_path`, so that neither a hostile name nor a hostile path changes its meaning.
 */

/** The schema that tables and functions live in. */
const SCHEMA = 'public';

export type ChangeVerb = 'insert' | 'update' | 'delete' | 'truncate';
type RowVerb = Exclude<ChangeVerb, 'truncate'>;
export const CHANGE_VERBS: readonly ChangeVerb[] = ['insert', 'update', 'delete', 'truncate'];

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

export function qualified(name: string): string {
  return `${SCHEMA}.${identifier(name)}`;
}

/**
 * PostgreSQL cuts names at 63 bytes. A long table's name is cut here, before the verb, and says by a hash of the whole
 * which one it was: two that begin alike must not share their functions.
 */
export function functionName(table: string, verb: ChangeVerb): string {
  const suffix = `__announce_${verb}`;
  const head = `tg_${table}`;
  if (byteLength(head + suffix) <= NAME_BYTES) return head + suffix;
  const end = `_${fnv1a(table).slice(0, 8)}${suffix}`;
  const characters = Array.from(head);
  while (byteLength(characters.join('') + end) > NAME_BYTES) characters.pop();
  return characters.join('') + end;
}

/** `_900`: after every trigger that may still change the row or its neighbours. */
export function triggerName(verb: ChangeVerb): string {
  return `_900_announce_${verb}`;
}

const TRANSITION_TABLES: Record<ChangeVerb, string> = {
  insert: 'REFERENCING NEW TABLE AS new_rows ',
  update: 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows ',
  delete: 'REFERENCING OLD TABLE AS old_rows ',
  truncate: '',
};

/** Whatever the writer's session says, values look the same on the wire. */
const SETTINGS = [
  'search_path = pg_catalog, pg_temp',
  "timezone = 'UTC'",
  "datestyle = 'ISO'",
  "intervalstyle = 'postgres'",
  "bytea_output = 'hex'",
  "extra_float_digits = '1'",
]
  .map((setting) => `SET ${setting}`)
  .join(' ');

/** The body of the trigger function of one verb: `prosrc` in the catalog. */
export function functionBody(channel: string, definition: ChannelDefinition, verb: ChangeVerb): string {
  return verb === 'truncate' ? announceTruncate(channel) : announceRows(channel, definition, verb);
}

export function createFunctionSql(channel: string, definition: ChannelDefinition, verb: ChangeVerb): string {
  return (
    `CREATE FUNCTION ${qualified(functionName(definition.table, verb))}() RETURNS trigger\n` +
    `LANGUAGE plpgsql SECURITY DEFINER ${SETTINGS}\n` +
    `AS ${dollarQuoted(functionBody(channel, definition, verb))}`
  );
}

/** Whoever may call it can make a trigger of it on a table of theirs, and announce what never happened. */
export function revokeFunctionSql(table: string, verb: ChangeVerb): string {
  return `REVOKE ALL ON FUNCTION ${qualified(functionName(table, verb))}() FROM PUBLIC`;
}

export function createTriggerSql(definition: ChannelDefinition, verb: ChangeVerb): string {
  return (
    `CREATE TRIGGER ${triggerName(verb)} AFTER ${verb.toUpperCase()} ON ${qualified(definition.table)} ` +
    `${TRANSITION_TABLES[verb]}FOR EACH STATEMENT EXECUTE FUNCTION ` +
    `${qualified(functionName(definition.table, verb))}()`
  );
}

export function dropFunctionSql(table: string, verb: ChangeVerb): string {
  return `DROP FUNCTION IF EXISTS ${qualified(functionName(table, verb))}() CASCADE`;
}

function announceTruncate(channel: string): string {
  return `
BEGIN
  PERFORM ${qualified('change_event_resync')}(${literal(channel)}, 'truncated-table');
  RETURN NULL;
END
`;
}

/**
 * One INSERT into the log, whatever the number of rows, which notifies of each payload unless the doorbell is masked. A
 * transaction without an id has written nothing, so there is nothing to announce. The lock is tried after the id is
 * there: a writer that does not get it is in progress in every snapshot that is taken once the pump has let go.
 */
function announceRows(channel: string, definition: ChannelDefinition, verb: RowVerb): string {
  const update = verb === 'update';
  return `
<<announce>>
DECLARE
  touched bigint;${update ? '\n  announced bigint := 0;' : ''}
  ring_limit integer;
  rung boolean := false;
BEGIN
${update ? `${indent(announceOneUpdate(channel, definition))}\n` : ''}  touched := (SELECT count(*) FROM ${verb === 'delete' ? 'old_rows' : 'new_rows'});
  IF touched = 0 THEN
    RETURN NULL;
  END IF;
  ring_limit := ${RING_LIMIT_SQL};
  IF ring_limit > 0 AND ${TRY_DOORBELL_SQL} THEN
    rung := touched <= ring_limit;
    IF NOT rung THEN
      PERFORM pg_notify('${LOG_CHANNEL}', '{"read":true}');
    END IF;
  END IF;
${indent(update ? announceManyUpdates(channel, definition) : appendSql(channel, definition, rowsOf(definition, verb)))};
  RETURN NULL;
END
`;
}

/**
 * The commonest write by far, in one statement: starting a statement costs a writer more than the row does. One row,
 * which kept its key and its audience and has changed in what it names. Anything else finds no row here and goes the
 * way of many.
 */
function announceOneUpdate(channel: string, definition: ChannelDefinition): string {
  const rows =
    `${pairsOf(definition)}\n` +
    `FROM old_rows o, new_rows n\n` +
    `WHERE ${samePair(definition)} AND NOT ${movedAway(definition)} AND ${isWatched(definition)}\n` +
    `  AND NOT EXISTS (SELECT FROM new_rows OFFSET 1)`;
  const rung =
    `CASE WHEN current_setting('change_log.ring_limit', true) IS DISTINCT FROM '0' ` +
    `THEN ${TRY_DOORBELL_SQL} ELSE false END`;
  return `${appendSql(channel, definition, rows, rung)};
IF FOUND THEN
  RETURN NULL;
END IF;`;
}

/**
 * Old and new rows are paired by primary key. First those that stayed where they were and changed; only where that was
 * not all, those that have no partner or changed their audience, which are gone for the one and new for the other, also
 * where its type calls two texts equal. The CASE keeps the join a full one, hence never a nested loop.
 */
function announceManyUpdates(channel: string, definition: ChannelDefinition): string {
  const list = (alias: string): string =>
    definition.columns.map((column) => valueOf(alias, column, definition)).join(', ');
  const first = identifier(keyOf(definition)[0] as string);
  const join = `FROM old_rows o FULL JOIN new_rows n ON ${samePair(definition)}`;
  const stayed = [
    pairsOf(definition),
    join,
    `WHERE CASE WHEN o.${first} IS NULL OR n.${first} IS NULL OR ${movedAway(definition)} THEN false`,
    `  ELSE ${isWatched(definition)} END`,
  ].join('\n');
  const moved = [
    `SELECT v.*, ${STAMP}`,
    join,
    `CROSS JOIN LATERAL (VALUES ('DELETE', ${list('o')}, NULL), ('INSERT', ${list('n')}, NULL))`,
    `  v(operation, ${definition.columns.map(identifier).join(', ')}, changed)`,
    `WHERE CASE WHEN o.${first} IS NULL THEN v.operation = 'INSERT' WHEN n.${first} IS NULL THEN v.operation = 'DELETE'`,
    `  ELSE ${movedAway(definition)} END`,
  ].join('\n');
  return `IF touched > 1 THEN
${indent(appendSql(channel, definition, stayed))};
  GET DIAGNOSTICS announced = ROW_COUNT;
END IF;
IF announced < touched THEN
${indent(appendSql(channel, definition, moved))};
END IF`;
}

/** The payload is made once, behind a fence, and measured before it goes into the log. */
function appendSql(
  channel: string,
  definition: ChannelDefinition,
  rows: string,
  rung = 'announce.rung',
): string {
  return `INSERT INTO public.change_log (id, xid, at, channel, payload, rung)
SELECT p.seq, pg_current_xact_id_if_assigned(), p.announced_at, ${literal(channel)}, p.payload,
  CASE WHEN ${rung} THEN pg_notify(${literal(channel)}, p.payload) IS NOT NULL ELSE false END
FROM (
  SELECT j.seq, j.announced_at, CASE WHEN octet_length(j.payload) <= ${PAYLOAD_BYTES} THEN j.payload
    ELSE public.change_event_fit(j.payload::json, ${names(kept(definition))}) END AS payload
  FROM (
    SELECT e.seq, e.announced_at, row_to_json(e)::text AS payload
    FROM (
${indent(indent(indent(rows)))}
    ) e
    OFFSET 0
  ) j
  OFFSET 0
) p`;
}

/** Columns that are never shortened. */
function kept(definition: ChannelDefinition): string[] {
  return [
    ...new Set([
      ...keyOf(definition),
      ...audienceColumns(definition),
      ...(definition.text ?? []),
      ...(definition.whole ?? []),
    ]),
  ];
}

function rowsOf(definition: ChannelDefinition, verb: Exclude<RowVerb, 'update'>): string {
  const columns = definition.columns
    .map((column) => `${valueOf('r', column, definition)} AS ${identifier(column)}`)
    .join(', ');
  return (
    `SELECT '${verb.toUpperCase()}' AS operation, ${columns}, ${STAMP}\n` +
    `FROM ${verb === 'insert' ? 'new_rows' : 'old_rows'} r`
  );
}

/** Of a pair of rows `o` and `n`: what an UPDATE carries. */
function pairsOf(definition: ChannelDefinition): string {
  const columns = definition.columns.map((column) => valueOf('n', column, definition)).join(', ');
  return `SELECT 'UPDATE' AS operation, ${columns}, ${changedColumns(definition)} AS changed, ${STAMP}`;
}

function movedAway(definition: ChannelDefinition): string {
  return `(${differs([...new Set(audienceColumns(definition))].map(identifier))})`;
}

function isWatched({ watch }: ChannelDefinition): string {
  return watch === undefined ? 'o *<> n' : differs(watch.map(identifier));
}

function samePair(definition: ChannelDefinition): string {
  return keyOf(definition)
    .map((column) => `o.${identifier(column)} = n.${identifier(column)}`)
    .join(' AND ');
}

function names(columns: readonly string[]): string {
  return `ARRAY[${columns.map(literal).join(', ')}]::text[]`;
}

/** The names of those columns that the definition names and the update changed. */
function changedColumns(definition: ChannelDefinition): string {
  const named = [...new Set([...definition.columns, ...(definition.watch ?? [])])].map(
    (column) => `CASE WHEN ${differs([identifier(column)])} THEN ${literal(column)} END`,
  );
  return `array_remove(ARRAY[${named.join(', ')}]::text[], NULL)`;
}

/** Cast to `record`, rows are compared as they are stored; plain rows would need each column's own operator. */
function differs(columns: readonly string[]): string {
  const row = (alias: string): string =>
    `ROW(${columns.map((column) => `${alias}.${column}`).join(', ')})::record`;
  return `${row('o')} *<> ${row('n')}`;
}

function valueOf(alias: string, column: string, definition: ChannelDefinition): string {
  const value = `${alias}.${identifier(column)}`;
  return definition.text?.includes(column) === true ? `${value}::text` : value;
}

const STAMP = `nextval(${literal(`${SCHEMA}.change_event_seq`)}) AS seq, clock_timestamp() AS announced_at`;

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

function dollarQuoted(body: string): string {
  let tag = '$announce$';
  for (let n = 1; body.includes(tag); n += 1) tag = `$announce${n}$`;
  return tag + body + tag;
}
