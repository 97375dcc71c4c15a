import { readAllowedValues, readColumnTypes } from '@processflow/events/postgres';
import { type Kysely, sql } from 'kysely';
import { HISTORY_TABLES } from './migrate.ts';

interface Column {
  table: string;
  name: string;
  /** Base type's name; of an array, its elements'. */
  type: string;
  isArray: boolean;
  nullable: boolean;
  write: 'required' | 'optional' | 'never';
  /** What a CHECK constraint or an enum type allows; null: anything. */
  values: readonly string[] | null;
}

/** As `pg` reads them; see `createPool` for bigint. */
const TYPES: Record<string, string> = {
  bool: 'boolean',
  bytea: 'Buffer',
  float4: 'number',
  float8: 'number',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  json: 'Json',
  jsonb: 'Json',
  numeric: 'string',
  text: 'string',
  timestamptz: 'Timestamp',
  uuid: 'string',
  varchar: 'string',
  xid8: 'string',
};

/** The source of `types.ts`: Kysely's `Database` as the migrated database's catalog has it. */
export async function generateTypes<DB>(db: Kysely<DB>): Promise<string> {
  const columns = await readColumns(db);
  const tables = Map.groupBy(columns, (column) => column.table);
  const interfaces = [...tables].map(([table, own]) =>
    block(
      interfaceName(table),
      own.map((column) => `${column.name}: ${typeOf(column)};`),
    ),
  );
  const database = block(
    'Database',
    [...tables.keys()].map((table) => `${table}: ${interfaceName(table)};`),
  );
  const body = [...interfaces, database].join('\n\n');
  const columnTypes = Object.entries(await readColumnTypes(db, [...tables.keys()])).map(([table, own]) => {
    const lines = Object.entries(own).map(([column, type]) => `    ${property(column)}: ${literal(type)},\n`);
    return `  ${property(table)}: {\n${lines.join('')}  },\n`;
  });
  const used = ['ColumnType', 'Generated', 'GeneratedAlways'].filter(
    (name) => name === 'ColumnType' || body.includes(`${name}<`),
  );
  return [
    '// Generated from the migrated database by `npm run db:types`; a test fails when it differs.',
    `import type { ${used.join(', ')} } from 'kysely';`,
    '',
    'export type Json = boolean | number | string | null | Json[] | { [key: string]: Json };',
    // `Generated<Timestamp>` would nest two ColumnTypes, which Kysely does not unfold.
    'export type GeneratedTimestamp = ColumnType<Date, Date | string | undefined, Date | string>;',
    'export type Timestamp = ColumnType<Date, Date | string, Date | string>;',
    '',
    body,
    '',
    "/** PostgreSQL's own type of every column, which the database is checked against. */",
    `export const columnTypes = {\n${columnTypes.join('')}} as const;`,
    '',
  ].join('\n');
}

async function readColumns<DB>(db: Kysely<DB>): Promise<Column[]> {
  const { rows } = await sql<Omit<Column, 'values'>>`
    SELECT c.relname AS "table", a.attname AS name, coalesce(e.typname, t.typname) AS type,
      e.oid IS NOT NULL AS "isArray", NOT a.attnotnull AS nullable,
      CASE WHEN a.attidentity = 'a' OR a.attgenerated <> '' THEN 'never'
           WHEN a.attidentity = 'd' OR a.atthasdef THEN 'optional' ELSE 'required' END AS write
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    WHERE c.relnamespace = to_regnamespace(current_schema()) AND c.relkind IN ('r', 'p')
      AND c.relname NOT IN (${sql.join(HISTORY_TABLES)})
    ORDER BY c.relname COLLATE "C", a.attnum`.execute(db);
  const allowed = await readAllowedValues(db, [...new Set(rows.map(({ table }) => table))]);
  return rows.map((column) => ({ ...column, values: allowed[column.table]?.[column.name] ?? null }));
}

function typeOf({ table, name, type, isArray, nullable, write, values }: Column): string {
  const base = values === null ? TYPES[type] : values.map(literal).join(' | ');
  if (base === undefined)
    throw new Error(`No TypeScript type is known for ${table}.${name}, which is ${type}`);
  const element = isArray && base.includes(' | ') ? `(${base})` : base;
  const read = `${element}${isArray ? '[]' : ''}${nullable ? ' | null' : ''}`;
  if (write === 'required') return read;
  if (write === 'optional' && read === 'Timestamp') return 'GeneratedTimestamp';
  return write === 'never' ? `GeneratedAlways<${read}>` : `Generated<${read}>`;
}

function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}

function literal(value: string): string {
  // As the formatter would write it.
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  return `${quote}${value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`)}${quote}`;
}

function block(name: string, lines: string[]): string {
  return `export interface ${name} {\n${lines.map((line) => `  ${line}\n`).join('')}}`;
}

/** `flow_element` -> `FlowElement` */
function interfaceName(table: string): string {
  return table.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
