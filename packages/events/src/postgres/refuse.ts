import { type Kysely, sql } from 'kysely';

import { type ChannelDefinition, keyOf } from '../contract.ts';
import { EventsError } from '../error.ts';
import { readTables } from './check-catalog.ts';
import { readColumnTypes } from './check-column-types.ts';
import { isKey, likelyNames, neededColumns } from './check-columns.ts';
import { DROP_SHARED_SQL } from './shared-sql.ts';
import { CHANGE_VERBS, functionName, triggerName } from './trigger-sql.ts';

type AnyKysely = Pick<Kysely<unknown>, 'getExecutor'>;

/** Throws {@link EventsError} `bad-table`: the table cannot be announced, since it does this. */
export function refuse(channel: string, table: string, why: string): never {
  throw new EventsError('bad-table', `Table "${table}" cannot be announced on channel "${channel}": ${why}.`);
}

/**
 * Refuses what the table's triggers would fail on at each write, or announce wrongly: PostgreSQL reads a function's
 * body when it first runs, so nothing else would say so before the first writer fails.
 */
export async function refuseUnready(
  db: AnyKysely,
  channel: string,
  definition: ChannelDefinition,
): Promise<void> {
  const { table } = definition;
  await refuseAnnounced(db, channel, table);
  const missing = await missingShared(db);
  if (missing.length > 0) {
    const call = 'call createChangeEvents(db) first, in this or an earlier migration';
    refuse(channel, table, `its triggers call what is not there (${missing.join('; ')}); ${call}`);
  }
  const wrong = await wrongColumns(db, definition);
  if (wrong.length > 0) refuse(channel, table, wrong.join('. And '));
}

async function refuseAnnounced(db: AnyKysely, channel: string, table: string): Promise<void> {
  const { rows } = await sql<{ body: string; name: string; own: boolean }>`
    SELECT p.prosrc AS body, p.proname AS name, t.oid IS NOT NULL AS own
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'public'
    LEFT JOIN pg_catalog.pg_trigger t
      ON t.tgfoid = p.oid AND t.tgrelid = pg_catalog.to_regclass(pg_catalog.format('public.%I', ${table}::text))
    WHERE p.pronargs = 0 AND (
      p.proname = ANY (${CHANGE_VERBS.map((verb) => functionName(table, verb))}::text[])
      OR t.tgname = ANY (${CHANGE_VERBS.map(triggerName)}::text[])
    )
    ORDER BY p.proname`.execute(db);
  const found = rows.find(({ own }) => own) ?? rows[0];
  if (found === undefined) return;
  const other = /(?:change_event_resync"\(|p\.announced_at, )(E?)'((?:[^']|'')*)'/.exec(found.body);
  const name = other?.[2]?.replaceAll("''", "'");
  const on =
    name === undefined ? '' : ` on channel "${other?.[1] === 'E' ? name.replaceAll('\\\\', '\\') : name}"`;
  const what = found.own
    ? `it is already announced${on}`
    : `functions of a table that was called so are left${on}`;
  refuse(
    channel,
    table,
    `${what}, by function "${found.name}"; call dropChangeTriggers(db, "${table}") first: a table has one channel`,
  );
}

/** Of what all channels' triggers share. */
async function missingShared(db: AnyKysely): Promise<string[]> {
  const shared = DROP_SHARED_SQL.map((statement) =>
    statement.replace(/^DROP (FUNCTION|SEQUENCE|TABLE) /, ''),
  );
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM pg_catalog.unnest(${shared}::text[]) WITH ORDINALITY s(name, n)
    WHERE CASE WHEN name LIKE '%(%' THEN pg_catalog.to_regprocedure(name)::oid ELSE pg_catalog.to_regclass(name)::oid END
      IS NULL
    ORDER BY n`.execute(db);
  return rows.map(({ name }) => name);
}

/** Types that know no equality; old and new rows could not be paired by them. */
const WITHOUT_EQUALITY = /^(json|xml|point|polygon)\b/;

async function wrongColumns(db: AnyKysely, definition: ChannelDefinition): Promise<string[]> {
  const found = (await readTables(db, [definition.table])).get(definition.table);
  const types = (await readColumnTypes(db, [definition.table]))[definition.table] ?? {};
  if (found === undefined) return [];
  const live = new Map(Object.entries(types));
  const wrong: string[] = [];
  for (const [column, uses] of neededColumns(definition)) {
    const named = `column "${column}" (in ${uses.join(', ')})`;
    if (!live.has(column)) {
      const near = likelyNames(column, undefined, live).map((name) => `"${name}"`);
      const meant = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
      wrong.push(`it has no ${named}; it has: ${[...live.keys()].join(', ')}.${meant} Name one of these`);
    } else if (found.virtual.includes(column)) {
      const cure = 'make it STORED, or name the columns that it is computed from';
      wrong.push(
        `${named} is a virtual generated column, which is always null where triggers see it; ${cure}`,
      );
    }
  }
  const key = keyOf(definition);
  const without = key.filter((column) => WITHOUT_EQUALITY.test(live.get(column) ?? ''));
  if (without.length > 0) {
    wrong.push(
      `key column "${without[0]}" is ${live.get(without[0] as string)}, which has no equality; leave it out`,
    );
  } else if (!isKey({ definition, table: found, live })) {
    const unique = found.keys.map((columns) => `(${columns.join(', ')})`).join(', ');
    const nullable = key.filter((column) => live.get(column)?.endsWith(' | null') === true);
    const there =
      nullable.length > 0
        ? `${nullable.join(', ')} may be null`
        : unique === ''
          ? 'nothing is unique there'
          : `unique there: ${unique}`;
    wrong.push(
      `its key (${key.join(', ')}) is not one (${there}); name its primary key, or what is unique, not deferrable and NOT NULL`,
    );
  }
  return wrong;
}
