import { type Kysely, sql } from 'kysely';

import type { ColumnTypes } from '../contract-version.ts';
import { readAllowedValues } from './check-allowed-values.ts';

/**
 * PostgreSQL's type of every column, as `format_type` writes it, with ` | null` where the column may be null; types
 * that are not PostgreSQL's own have their schema before them, whatever the session's `search_path`. Where only some
 * values are allowed, as {@link readAllowedValues} finds them, these follow. Tables stand in the order given, those that
 * are not in schema `public` are left out.
 *
 * @example
 * await readColumnTypes(db, ['role']); // { role: { id: 'integer', colour: "text: 'blue' | 'red' | null" } }
 */
export async function readColumnTypes(
  db: Pick<Kysely<unknown>, 'getExecutor'>,
  tables: readonly string[],
): Promise<ColumnTypes> {
  const { rows } = await sql<{
    table: string;
    column: string;
    type: string;
    schema: string | null;
    nullable: boolean;
  }>`
    SELECT c.relname AS "table", a.attname AS "column", pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
      CASE WHEN n.nspname <> 'pg_catalog' THEN pg_catalog.quote_ident(n.nspname) END AS schema,
      NOT a.attnotnull AS nullable
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace o ON o.oid = c.relnamespace AND o.nspname = 'public'
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relname = ANY (${tables}::text[])
    ORDER BY pg_catalog.array_position(${tables}::text[], c.relname::text), a.attnum`.execute(db);
  const allowed = new Map(Object.entries(await readAllowedValues(db, tables)));
  const typeOf = ({ table, column, type, schema, nullable }: (typeof rows)[number]): string => {
    const full = schema === null || type.startsWith(`${schema}.`) ? type : `${schema}.${type}`;
    const ofTable = allowed.get(table) ?? {};
    const values = Object.hasOwn(ofTable, column) ? (ofTable[column] ?? []) : [];
    // Only the literals, since servers of other versions print the constraint itself otherwise.
    const union = values.map((value) => `'${value.replaceAll("'", "''")}'`).join(' | ');
    return `${full}${union === '' ? '' : `: ${union}`}${nullable ? ' | null' : ''}`;
  };
  return Object.fromEntries(
    [...Map.groupBy(rows, ({ table }) => table)].map(([table, columns]) => [
      table,
      Object.fromEntries(columns.map((row) => [row.column, typeOf(row)])),
    ]),
  );
}
