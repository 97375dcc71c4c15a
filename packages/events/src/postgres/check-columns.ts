import { audienceColumns, type ChannelDefinition, keyOf } from '../contract.ts';
import type { LiveTable } from './check-catalog.ts';
import type { Difference } from './check-difference.ts';
import { identifier } from './trigger-sql.ts';

export interface ColumnCheck {
  readonly channel: string;
  readonly definition: ChannelDefinition;
  readonly table: LiveTable;
  /** The live columns' types; see {@link readColumnTypes}. */
  readonly live: ReadonlyMap<string, string>;
  /** The types that the program was compiled with, where they are known. */
  readonly known: ReadonlyMap<string, string> | undefined;
  /** How the types are generated, for people. */
  readonly generate: string;
}

/** The columns that a channel needs: gone, of another type than the program was compiled with, or no key. */
export function checkColumns(check: ColumnCheck): Difference[] {
  const { channel, definition, live, known, generate } = check;
  const { table } = definition;
  const differences: Difference[] = [];
  for (const [column, uses] of neededColumns(definition)) {
    const base = { channel, table, what: `column ${identifier(table)}.${identifier(column)}` };
    const type = live.get(column);
    if (type === undefined) {
      const renamed = likelyNames(column, known, live);
      const asked =
        renamed.length === 0 ? '' : ` Is it ${renamed.map((name) => `"${name}"`).join(' or ')} now?`;
      differences.push({
        ...base,
        kind: 'column-gone',
        expected: `it is there: the channel names it in ${uses.join(', ')}`,
        found: `no such column; there are: ${[...live.keys()].join(', ')}`,
        advice: `Column "${column}" of table "${table}" is gone.${asked} ${generate}, then tsc names every place that still says "${column}", the definition of "${channel}" first. Or put the column back.`,
      });
    } else if (known !== undefined && known.get(column) !== type) {
      differences.push({
        ...base,
        kind: 'type-changed',
        expected: known.get(column) ?? 'no such column, say the generated types',
        found: type,
        advice: `Column "${column}" of table "${table}" is ${type} now. ${generate}, then tsc names every place that cannot take it. Or change the column back.`,
      });
    }
    if (type !== undefined) differences.push(...checkSuitable(check, column, type, base));
  }
  if (!isKey(check)) {
    const key = keyOf(definition);
    differences.push({
      channel,
      table,
      kind: 'not-a-key',
      what: `key (${key.join(', ')}) of table ${identifier(table)}`,
      expected: 'a primary key, or unique, not deferrable and without nulls',
      found:
        check.table.keys.length === 0
          ? 'nothing is unique there'
          : `unique there: ${check.table.keys.map((columns) => `(${columns.join(', ')})`).join(', ')}`,
      advice: `Old and new rows of "${table}" are paired by (${key.join(', ')}): name its primary key in the definition's "key", or make that unique and NOT NULL.`,
    });
  }
  return differences;
}

/** The most digits that every number in JSON keeps: `DBL_DIG`. */
const SAFE_DIGITS = 15;

/** A column that is there, but not as the table has it in the triggers' eyes, or in the browser's. */
function checkSuitable(
  { definition, table }: ColumnCheck,
  column: string,
  type: string,
  base: Pick<Difference, 'channel' | 'table' | 'what'>,
): Difference[] {
  if (table.virtual.includes(column)) {
    return [
      {
        ...base,
        kind: 'unsuitable-column',
        expected: 'a column that is stored',
        found: 'a virtual generated column, which is always null where triggers see it',
        advice: `Make column "${column}" of table "${table.name}" STORED, or name the columns that it is computed from.`,
      },
    ];
  }
  const digits = /^numeric(?:\((\d+),|(?=[ [:]|$))/.exec(type);
  const isNumber = definition.columns.includes(column) && definition.text?.includes(column) !== true;
  if (!isNumber || digits === null || Number(digits[1] ?? Infinity) <= SAFE_DIGITS) return [];
  return [
    {
      ...base,
      kind: 'unsuitable-column',
      expected: `at most ${SAFE_DIGITS} digits, as in numeric(${SAFE_DIGITS},2), or the column in the definition's "text"`,
      found: `${type}, of whose digits a number in JSON keeps the first ${SAFE_DIGITS} alone`,
      advice: `Name "${column}" in the "text" of the definition of "${base.channel}": its digits then travel as a string.`,
    },
  ];
}

/** Each column that the definition names, with where it does. */
export function neededColumns(definition: ChannelDefinition): Map<string, string[]> {
  const lists = {
    columns: definition.columns,
    watch: definition.watch ?? [],
    key: keyOf(definition),
    audience: audienceColumns(definition),
    text: definition.text ?? [],
    whole: definition.whole ?? [],
  };
  const needed = new Map<string, string[]>();
  for (const [name, columns] of Object.entries(lists)) {
    for (const column of new Set(columns)) needed.set(column, [...(needed.get(column) ?? []), name]);
  }
  return needed;
}

/** A key column that is not there is told as such. */
export function isKey({
  definition,
  table,
  live,
}: Pick<ColumnCheck, 'definition' | 'table' | 'live'>): boolean {
  const key = keyOf(definition);
  if (key.some((column) => !live.has(column))) return true;
  const hasNulls = key.some((column) => live.get(column)?.endsWith(' | null') === true);
  return !hasNulls && table.keys.some((columns) => columns.every((column) => key.includes(column)));
}

/** A new column of the same type is what a renamed one looks like; else a name that is nearly the same. */
export function likelyNames(
  column: string,
  known: ReadonlyMap<string, string> | undefined,
  live: ReadonlyMap<string, string>,
): string[] {
  const type = known?.get(column);
  const names = [...live.keys()];
  const fresh = names.filter((name) => known?.has(name) !== true && live.get(name) === type);
  if (type !== undefined && fresh.length > 0) return fresh;
  return names.filter((name) => distance(name, column) <= Math.max(1, Math.ceil(column.length / 4)));
}

/** How many letters must be changed, put in or taken out (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const same = b[j - 1] === a[i] ? 0 : 1;
      next.push(Math.min((next[j - 1] as number) + 1, (row[j] as number) + 1, (row[j - 1] as number) + same));
    }
    row = next;
  }
  return row[b.length] as number;
}
