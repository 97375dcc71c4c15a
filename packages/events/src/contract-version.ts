import type { ChannelDefinition, ChannelDefinitions } from './contract.ts';
import { EventsError } from './error.ts';

/** Each public channel's contract version: equal versions, equal events on the wire. */
export type Contract = Readonly<Record<string, string>>;

/** PostgreSQL's type of every column, by table: `{ role: { id: 'integer', name: 'text | null' } }`. */
export type ColumnTypes = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Changes whenever the envelope around the columns does. */
const ENVELOPE = 'operation,seq,announced_at,changed,truncated';

/**
 * The contract that follows from the definitions: stamped into the browser's build and told on every stream, so that
 * a page from before a deploy learns which channels speak differently now. With `columnTypes`, a column's new type
 * is a new contract too; the order of columns, the table's name and the audience are not.
 * Throws {@link EventsError} `bad-definition` when `columnTypes` does not know a column.
 *
 * @example
 * const contract = contractOf(channels, columnTypes); // { role_changes: 'b3f1c02a9d4e5f60' }
 */
export function contractOf(definitions: ChannelDefinitions, columnTypes?: ColumnTypes): Contract {
  return Object.fromEntries(
    Object.entries(definitions)
      .filter(([, definition]) => definition.internal !== true)
      .map(([channel, definition]) => [channel, fnv1a(describe(channel, definition, columnTypes))]),
  );
}

function describe(channel: string, definition: ChannelDefinition, columnTypes?: ColumnTypes): string {
  const columns = definition.columns.toSorted().map((column) => {
    const type = columnTypes?.[definition.table]?.[column];
    if (columnTypes !== undefined && type === undefined) {
      throw new EventsError(
        'bad-definition',
        `Channel "${channel}" carries "${definition.table}.${column}", which the column types do not know. Generate them again.`,
      );
    }
    return [column, type ?? '', definition.text?.includes(column) === true];
  });
  return JSON.stringify([ENVELOPE, columns, definition.watch?.toSorted() ?? null]);
}

/** FNV-1a, 64 bits, in hexadecimal (Fowler, Noll, Vo; draft-eastlake-fnv). */
export function fnv1a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
