import { type Kysely, sql } from 'kysely';

/** What a column may hold where that is a closed list, by table and column. */
export type AllowedValues = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * The values that columns of enum types and those with `CHECK (column IN ('...', ...))` may hold, sorted; of an array,
 * its elements'. Columns that may hold anything, and tables that are not in schema `public`, are left out.
 *
 * @example
 * const { role } = await readAllowedValues(db, ['role']); // { colour: ['blue', 'red'] }
 */
export async function readAllowedValues(
  db: Pick<Kysely<unknown>, 'getExecutor'>,
  tables: readonly string[],
): Promise<AllowedValues> {
  const { rows } = await sql<{ table: string; column: string; checks: string[]; labels: string[] | null }>`
    SELECT c.relname AS "table", a.attname AS "column",
      ARRAY(
        SELECT pg_catalog.pg_get_expr(k.conbin, k.conrelid) FROM pg_catalog.pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
        ORDER BY k.conname
      ) AS checks,
      (SELECT pg_catalog.array_agg(l.enumlabel::text) FROM pg_catalog.pg_enum l
       WHERE l.enumtypid IN (t.oid, t.typelem)) AS labels
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace o ON o.oid = c.relnamespace AND o.nspname = 'public'
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE c.relkind IN ('r', 'p') AND c.relname = ANY (${tables}::text[])
    ORDER BY c.relname, a.attnum`.execute(db);
  const known = rows.flatMap(({ table, column, checks, labels }) => {
    const values = labels ?? checks.map(listed).find((list) => list !== undefined);
    return values === undefined ? [] : [{ table, column, values: [...new Set(values)].toSorted() }];
  });
  return Object.fromEntries(
    [...Map.groupBy(known, ({ table }) => table)].map(([table, own]) => [
      table,
      Object.fromEntries(own.map(({ column, values }) => [column, values])),
    ]),
  );
}

const CAST = String.raw`(?:::[a-z ]+(?:\(\d+\))?(?:\[\])?)?`;
const LITERAL = `'(?:[^']|'')*'${CAST}`;
const COLUMN = String.raw`\(?(?:\w+|"(?:[^"]|"")+")\)?${CAST}`;
const LIST = String.raw`\(*ARRAY\[(${LITERAL}(?:, ${LITERAL})*)\]\)?${CAST}\)?`;
const CHECK = new RegExp(String.raw`^\(${COLUMN} (?:(?:= ANY|<@) ${LIST}|= (${LITERAL}))\)$`);

/** Reads `status IN (...)` and `pages <@ ARRAY[...]` in the form in which PostgreSQL prints them back. */
function listed(check: string): string[] | undefined {
  const [, many, one] = CHECK.exec(check) ?? [];
  return (many ?? one)
    ?.match(new RegExp(LITERAL, 'g'))
    ?.map((item) => item.slice(1, item.lastIndexOf("'")).replaceAll("''", "'"));
}
