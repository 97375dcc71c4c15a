import type { ColumnTypes } from '../contract-version.ts';
import type { ChannelDefinitions } from '../contract.ts';
import { byteLength, NAME_BYTES } from '../name-length.ts';
import {
  type AnyKysely,
  readFunctions,
  readLog,
  readSequence,
  readSessionRole,
  readTables,
  readTriggers,
} from './check-catalog.ts';
import { readColumnTypes } from './check-column-types.ts';
import { checkColumns } from './check-columns.ts';
import type { Difference } from './check-difference.ts';
import { sharedSequences } from './check-expected.ts';
import { checkShared } from './check-shared.ts';
import { checkStrays } from './check-strays.ts';
import { checkTriggers } from './check-triggers.ts';
import { identifier } from './trigger-sql.ts';
import { findUnsuitable } from './triggers.ts';

export interface CheckChannelsOptions {
  /** The types the program was compiled with; without them, a changed type is not noticed. */
  readonly columnTypes?: ColumnTypes;
  /** What people type to close differences, for the advice: to generate types, to write the migration. */
  readonly commands?: { readonly types?: string; readonly migration?: string };
}

/**
 * Compares the definitions with the live database's triggers, functions and columns, and gives every difference at
 * once; an empty list when there is none. Only reads. Needs PostgreSQL 14 or newer, and no rights on the tables.
 *
 * @example
 * const differences = await checkChannels(db, channels, { columnTypes });
 * if (differences.length > 0) throw new Error(describeDifferences(differences));
 */
export async function checkChannels(
  db: AnyKysely,
  definitions: ChannelDefinitions,
  { columnTypes, commands = {} }: CheckChannelsOptions = {},
): Promise<Difference[]> {
  const names = [...new Set(Object.values(definitions).map(({ table }) => table))];
  const [functions, triggers] = [await readFunctions(db), await readTriggers(db)];
  const [tables, types] = [await readTables(db, names), await readColumnTypes(db, names)];
  const unsuitable = await findUnsuitable(db, names);
  const sequences = new Map<string, string | undefined>();
  for (const name of sharedSequences()) sequences.set(name, await readSequence(db, name));
  const close = `Write the migration that closes this: ${commands.migration ?? 'const { source } = migrationSource(differences, channels)'}.`;
  const told = { close, byHand: commands.migration === undefined };
  const generate = `Generate the types${commands.types === undefined ? '' : ` (${commands.types})`}`;

  const differences = [
    ...checkSessionRole(await readSessionRole(db)),
    ...checkShared({ functions, sequences, log: await readLog(db), ...told }),
  ];
  const announced = new Map<string, string>();
  for (const [channel, definition] of Object.entries(definitions)) {
    const { table } = definition;
    const about = { channel, table, what: `table ${identifier(table)}` };
    const other = announced.get(table);
    announced.set(table, channel);
    const live = tables.get(table);
    differences.push(...checkName(channel, table));
    if (other !== undefined) {
      differences.push({
        ...about,
        kind: 'unsuitable-table',
        expected: 'one channel for each table',
        found: `channel "${other}" announces it too`,
        advice: `Make one channel of "${other}" and "${channel}": their triggers would have the same names.`,
      });
    } else if (live === undefined) {
      differences.push({
        ...about,
        kind: 'table-gone',
        expected: 'it is there',
        found: 'no such table in schema public',
        advice: `Create table "${table}" in a migration, or take channel "${channel}" out of the definitions. ${generate}: then tsc names every place that still says "${table}".`,
      });
    } else {
      const why = unsuitable.get(table);
      if (why !== undefined) {
        const advice = `Make "${table}" an ordinary table, or take channel "${channel}" out of the definitions.`;
        const expected = 'an ordinary table, whose every change statement triggers see';
        differences.push({ ...about, kind: 'unsuitable-table', expected, found: `it ${why}`, advice });
      }
      const columns = typesOf(types, table);
      const known = columnTypes === undefined ? undefined : typesOf(columnTypes, table);
      differences.push(
        ...checkColumns({ channel, definition, table: live, live: columns, known, generate }),
        ...checkTriggers(channel, definition, { functions, triggers, ...told }),
      );
    }
  }
  return [...differences, ...checkStrays(definitions, { functions, triggers, ...told })];
}

/** Where sessions are replicas by their settings, no trigger fires in them. */
function checkSessionRole(role: string): Difference[] {
  if (role !== 'replica') return [];
  return [
    {
      kind: 'disabled',
      what: 'every trigger, by the setting session_replication_role',
      expected: 'origin',
      found: role,
      advice:
        "Find where session_replication_role is set (ALTER DATABASE, ALTER ROLE, the connection's options) and reset it there.",
    },
  ];
}

/** PostgreSQL notifies on no longer name: the writer's statement would fail. */
function checkName(channel: string, table: string): Difference[] {
  const bytes = byteLength(channel);
  if (bytes > 0 && bytes <= NAME_BYTES) return [];
  return [
    {
      channel,
      table,
      kind: 'unsuitable-channel',
      what: `channel "${channel}"`,
      expected: `a name of 1 to ${NAME_BYTES} bytes`,
      found: `${bytes} bytes`,
      advice: `Call channel "${channel}" something else in the definitions: PostgreSQL refuses to notify on it, and so every write to "${table}".`,
    },
  ];
}

/** As a map, since a table or column may be called as what every object has. */
function typesOf(types: ColumnTypes, table: string): ReadonlyMap<string, string> {
  return new Map(Object.hasOwn(types, table) ? Object.entries(types[table] ?? {}) : []);
}
