/** What the live database has: its functions, triggers, sequence, tables and keys, as the catalog says it. */
import { type Kysely, type RawBuilder, sql } from 'kysely';

import { LOG_SQL } from './change-log-sql.ts';
import { DROP_SHARED_SQL } from './shared-sql.ts';

/** Whatever its tables: only SQL is run on it. */
export type AnyKysely = Pick<Kysely<unknown>, 'getExecutor'>;

export interface LiveFunction {
  readonly name: string;
  /** As it is declared, names and types: `channel text, reason text`. */
  readonly args: string;
  readonly returns: string;
  readonly language: string;
  readonly definer: boolean;
  /** `SET` clauses, `name=value`, sorted, names in lower case. */
  readonly config: readonly string[];
  readonly body: string;
  /** What the function has besides: `STRICT`, `IMMUTABLE`, ... */
  readonly traits: string;
  /** The statement that makes it, as PostgreSQL writes it. */
  readonly sql: string;
  /** For DROP FUNCTION. */
  readonly signature: string;
  /** Whether everybody may call it. */
  readonly isPublic: boolean;
}

/** The statements that make a function that is gone. */
export function functionSql({ sql: statement, signature, isPublic }: LiveFunction): string[] {
  return isPublic ? [statement] : [statement, `REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`];
}

export interface LiveTrigger {
  readonly schema: string;
  readonly table: string;
  /** The table, qualified and quoted. */
  readonly target: string;
  readonly name: string;
  readonly quoted: string;
  /** `O` fires, `D` never, `R` on replicas only, `A` always. */
  readonly enabled: 'O' | 'D' | 'R' | 'A';
  /** When, on what, for each what: `pg_trigger.tgtype`. */
  readonly type: number;
  readonly oldTable: string | null;
  readonly newTable: string | null;
  /** Anything that narrows it: WHEN, columns, arguments, a constraint's. */
  readonly narrowed: boolean;
  readonly functionSchema: string;
  readonly functionName: string;
  /** The statement that makes it, its function qualified. */
  readonly sql: string;
}

export interface LiveTable {
  readonly name: string;
  /** Column lists of what is unique at every moment, the primary key first. */
  readonly keys: readonly (readonly string[])[];
  /** Generated columns that are not stored. */
  readonly virtual: readonly string[];
}

/** The functions that all triggers share, and any of the naming of a trigger's, in schema `public`. */
export async function readFunctions(db: AnyKysely): Promise<LiveFunction[]> {
  const { rows } = await sql<LiveFunction>`
    SELECT p.proname AS name, pg_catalog.pg_get_function_identity_arguments(p.oid) AS args,
      pg_catalog.format_type(p.prorettype, NULL) AS returns, l.lanname AS language, p.prosecdef AS definer,
      ARRAY(
        SELECT pg_catalog.lower(pg_catalog.split_part(c, '=', 1)) || pg_catalog.substr(c, pg_catalog.strpos(c, '='))
        FROM pg_catalog.unnest(p.proconfig) c ORDER BY pg_catalog.lower(c) COLLATE "C"
      ) AS config,
      p.prosrc AS body,
      pg_catalog.concat_ws(' ',
        CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' END,
        CASE WHEN p.proisstrict THEN 'STRICT' END,
        CASE WHEN p.proretset THEN 'SETOF' END
      ) AS traits,
      pg_catalog.pg_get_functiondef(p.oid) AS sql,
      pg_catalog.format('public.%I(%s)', p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) AS signature,
      EXISTS (
        SELECT FROM pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
        WHERE a.grantee = 0
      ) AS "isPublic"
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'public'
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE p.prokind = 'f' AND ${isOurs('p')}
    ORDER BY p.proname, args`.execute(db);
  return rows;
}

/** By its types too: others may have functions that are called nearly the same. */
function isOurs(alias: string): RawBuilder<boolean> {
  const shared = DROP_SHARED_SQL.flatMap(
    (statement) => /^DROP FUNCTION public\.(.*)$/.exec(statement)?.[1] ?? [],
  );
  const types = sql.raw(`${alias}.proname || '(' || pg_catalog.oidvectortypes(${alias}.proargtypes) || ')'`);
  const announces = sql.raw(
    `${alias}.pronargs = 0 AND ${alias}.proname ~ '^tg_.*__announce_(insert|update|delete|truncate)$'`,
  );
  return sql<boolean>`(${types} = ANY (${shared}::text[]) OR ${announces})`;
}

/** Triggers of our naming, and any other that calls our functions, in every schema. */
export async function readTriggers(db: AnyKysely): Promise<LiveTrigger[]> {
  const { rows } = await sql<LiveTrigger & { shortCall: string; fullCall: string }>`
    SELECT n.nspname AS schema, c.relname AS "table", t.tgname AS name,
      pg_catalog.format('%I.%I', n.nspname, c.relname) AS target, pg_catalog.quote_ident(t.tgname) AS quoted,
      t.tgenabled AS enabled, t.tgtype::integer AS type, t.tgoldtable AS "oldTable", t.tgnewtable AS "newTable",
      t.tgqual IS NOT NULL OR t.tgattr::text <> '' OR t.tgnargs > 0 OR t.tgconstraint <> 0 AS narrowed,
      f.nspname AS "functionSchema", p.proname AS "functionName", pg_catalog.pg_get_triggerdef(t.oid) AS sql,
      pg_catalog.format('EXECUTE FUNCTION %I()', p.proname) AS "shortCall",
      pg_catalog.format('EXECUTE FUNCTION %I.%I()', f.nspname, p.proname) AS "fullCall"
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_namespace f ON f.oid = p.pronamespace
    WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND (
      t.tgname ~ '^_900_announce_(insert|update|delete|truncate)$'
      OR (f.nspname = 'public' AND ${isOurs('p')})
      OR p.prosrc ~ '\\mpublic"?\\."?change_event_(notify|resync|fit)"?\\s*\\('
    )
    ORDER BY n.nspname, c.relname, t.tgname`.execute(db);
  return rows.map(({ shortCall, fullCall, ...trigger }) => ({
    ...trigger,
    // PostgreSQL leaves the schema out where the session's search_path leads there; a migration's may not.
    sql: trigger.sql.endsWith(` ${shortCall}`)
      ? trigger.sql.slice(0, -shortCall.length) + fullCall
      : trigger.sql,
  }));
}

/** Which of these are there in schema `public`, what is unique in them, and what is not stored. */
export async function readTables(db: AnyKysely, tables: readonly string[]): Promise<Map<string, LiveTable>> {
  const { rows } = await sql<LiveTable>`
    SELECT c.relname AS name, coalesce((
      SELECT pg_catalog.json_agg(ARRAY(
        SELECT a.attname::text FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.generate_series(0, i.indnkeyatts - 1) k(n) ON a.attnum = i.indkey[k.n]
        WHERE a.attrelid = c.oid ORDER BY k.n
      ) ORDER BY i.indisprimary DESC, i.indexrelid)
      FROM pg_catalog.pg_index i
      WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid
        AND i.indpred IS NULL AND i.indexprs IS NULL
    ), '[]') AS keys, ARRAY(
      SELECT a.attname::text FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attgenerated = 'v' AND NOT a.attisdropped
    ) AS virtual
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname = ANY (${tables}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.name, row]));
}

/** The sequence of this name in schema `public`, as the statement that would make it. */
export async function readSequence(db: AnyKysely, name: string): Promise<string | undefined> {
  const { rows } = await sql<{ sql: string }>`
    SELECT pg_catalog.format('SEQUENCE public.%I AS %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s %s', c.relname,
      pg_catalog.format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
      CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END) AS sql
    FROM pg_catalog.pg_sequence s
    JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relname = ${name}`.execute(db);
  return rows[0]?.sql;
}

/** The change log's tables and index, by name, each as the statement that would make it. */
export async function readLog(db: AnyKysely): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ name: string; sql: string }>`
    SELECT c.relname AS name, CASE WHEN c.relkind = 'i' THEN pg_catalog.pg_get_indexdef(c.oid) ELSE pg_catalog.format(
      'CREATE %sTABLE public.%I (%s)%s', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' END, c.relname,
      pg_catalog.array_to_string(ARRAY(
        SELECT a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
          || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
          || CASE a.attidentity WHEN 'a' THEN ' GENERATED ALWAYS AS IDENTITY' WHEN 'd' THEN ' GENERATED BY DEFAULT AS IDENTITY' ELSE '' END
          || coalesce(' DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
        FROM pg_catalog.pg_attribute a
        LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
      ) || ARRAY(
        SELECT pg_catalog.format('CONSTRAINT %I %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid))
        FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype <> 'n' ORDER BY k.conname
      ), ', '),
      CASE WHEN EXISTS (SELECT FROM pg_catalog.aclexplode(c.relacl) a WHERE a.grantee = 0)
        THEN ', which everybody may use' END
    ) END AS sql
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'i') AND c.relname = ANY (${Object.keys(LOG_SQL)}::text[])`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.name, row.sql]));
}

/** Whether triggers fire in this session: `origin`, `local`, or `replica`, where they do not. */
export async function readSessionRole(db: AnyKysely): Promise<string> {
  const { rows } = await sql<{ role: string }>`
    SELECT pg_catalog.current_setting('session_replication_role') AS role`.execute(db);
  return rows[0]?.role ?? 'origin';
}
