import { type Kysely, sql } from 'kysely';
import { HISTORY_TABLES } from './migrate.ts';

/**
 * Everything a migration can have made in this database, a line each in a fixed order, as PostgreSQL itself
 * would write it: two databases are the same when these are. The migration history is left out.
 */
export async function dumpCatalog<DB>(db: Kysely<DB>): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    WITH own AS (
      SELECT oid FROM pg_namespace
      WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
    ), relation AS (
      SELECT c.* FROM pg_class c JOIN own ON own.oid = c.relnamespace WHERE c.relname NOT IN (${sql.join(HISTORY_TABLES)})
    )
    SELECT format('schema %I %s', nspname, nspacl) AS line FROM pg_namespace NATURAL JOIN own
    UNION ALL
    SELECT format('relation %s %s %s %s', relkind, oid::regclass, relacl, reloptions) FROM relation WHERE relkind NOT IN ('i', 'I')
    UNION ALL
    SELECT format('column %s.%I %s null %s identity %s generated %s default %s', r.oid::regclass, a.attname,
      format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT format('sequence %I %s %s %s %s', s.sequencename, s.data_type, s.start_value, s.increment_by, s.cache_size)
    FROM pg_sequences s JOIN relation r ON r.oid = to_regclass(format('%I.%I', s.schemaname, s.sequencename))
    UNION ALL
    SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM pg_index i JOIN relation r ON r.oid = i.indrelid
    UNION ALL
    SELECT format('constraint %s %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid
    UNION ALL
    SELECT format('trigger %s %s', t.tgenabled, pg_get_triggerdef(t.oid))
    FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('function %s %s', pg_get_functiondef(p.oid), p.proacl)
    FROM pg_proc p JOIN own ON own.oid = p.pronamespace WHERE p.prokind IN ('f', 'p')
    UNION ALL
    SELECT format('type %s %s', t.oid::regtype, t.typtype)
    FROM pg_type t JOIN own ON own.oid = t.typnamespace WHERE t.typrelid = 0 AND t.typelem = 0
    UNION ALL
    SELECT format('comment %s', description) FROM pg_description d JOIN relation r ON r.oid = d.objoid
    UNION ALL
    SELECT format('extension %s', extname) FROM pg_extension
    UNION ALL
    SELECT format('event trigger %s', evtname) FROM pg_event_trigger
    ORDER BY line`.execute(db);
  return rows.map((row) => row.line);
}
