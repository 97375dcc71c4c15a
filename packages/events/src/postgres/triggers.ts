import { type Kysely, sql } from 'kysely';

import { type ChannelDefinition, checkDefinition } from '../contract.ts';
import { refuse, refuseUnready } from './refuse.ts';
import { CREATE_SHARED_SQL, DROP_SHARED_SQL } from './shared-sql.ts';
import {
  CHANGE_VERBS,
  createFunctionSql,
  createTriggerSql,
  dropFunctionSql,
  revokeFunctionSql,
} from './trigger-sql.ts';

/** Whatever its tables: only SQL is run on it. */
type AnyKysely = Pick<Kysely<unknown>, 'getExecutor'>;

/**
 * Creates the change log, and the sequence and functions that all channels' triggers call, or brings them up to this
 * version of the kit; a log that is there stays as it is. In a migration, before the first {@link createChangeTriggers}.
 *
 * @example
 * await createChangeEvents(db);
 */
export async function createChangeEvents(db: AnyKysely): Promise<void> {
  for (const statement of CREATE_SHARED_SQL) await sql.raw(statement).execute(db);
}

/**
 * Drops what {@link createChangeEvents} creates, the change log included, once no trigger calls it any more.
 *
 * @example
 * await dropChangeEvents(db);
 */
export async function dropChangeEvents(db: AnyKysely): Promise<void> {
  for (const statement of DROP_SHARED_SQL) await sql.raw(statement).execute(db);
}

/**
 * Creates the triggers that announce a table's changes on a channel: three short statement triggers with
 * transition tables, and one for TRUNCATE. For use inside a migration, with explicit values, so that an old
 * migration never changes its meaning.
 * Throws {@link EventsError} `bad-definition` as `defineChannels` does, and `bad-table` for a table that cannot
 * announce all its changes, that is announced already, or whose columns or key are not as the definition says.
 *
 * @example
 * await createChangeTriggers(db, 'role_changes', {
 *   table: 'role', columns: ['id', 'team_id', 'name'], audience: ['team:{team_id}'],
 * });
 */
export async function createChangeTriggers(
  db: AnyKysely,
  channel: string,
  definition: ChannelDefinition,
): Promise<void> {
  checkDefinition(channel, definition);
  const why = (await findUnsuitable(db, [definition.table])).get(definition.table);
  if (why !== undefined) refuse(channel, definition.table, `it ${why}`);
  await refuseUnready(db, channel, definition);
  for (const verb of CHANGE_VERBS) {
    await sql.raw(createFunctionSql(channel, definition, verb)).execute(db);
    await sql.raw(revokeFunctionSql(definition.table, verb)).execute(db);
    await sql.raw(createTriggerSql(definition, verb)).execute(db);
  }
}

/**
 * Drops the triggers of a table and their functions.
 *
 * @example
 * await dropChangeTriggers(db, 'role');
 */
export async function dropChangeTriggers(db: AnyKysely, table: string): Promise<void> {
  for (const verb of CHANGE_VERBS) await sql.raw(dropFunctionSql(table, verb)).execute(db);
}

/** Those tables that cannot announce all their changes, with the reason. */
export async function findUnsuitable(
  db: AnyKysely,
  tables: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{
    table: string;
    kind: string;
    partition: boolean;
    inherits: boolean;
    replicated: boolean;
  }>`
    SELECT c.relname AS "table", c.relkind AS kind, c.relispartition AS partition,
      EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent)) AS inherits,
      EXISTS (SELECT FROM pg_catalog.pg_subscription_rel s WHERE s.srrelid = c.oid) AS replicated
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relname = ANY (${tables}::text[])`.execute(db);
  const found = new Map(rows.map((row) => [row.table, row]));
  const reasons = new Map<string, string>();
  for (const table of tables) {
    const row = found.get(table);
    const why =
      row === undefined
        ? 'is not there; create it in an earlier migration'
        : row.kind === 'p' || row.partition
          ? 'is partitioned: statement triggers with transition tables would miss changes made through its parts'
          : row.kind !== 'r'
            ? 'is not an ordinary table'
            : row.inherits
              ? 'takes part in inheritance: changes made through its parent would be missed'
              : row.replicated
                ? 'is filled by logical replication, which fires no statement triggers'
                : undefined;
    if (why !== undefined) reasons.set(table, why);
  }
  return reasons;
}
