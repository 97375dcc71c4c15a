import { createChangeTriggers, dropChangeTriggers } from '@processflow/events/postgres';
import { type Kysely, sql } from 'kysely';

/** As it was when this migration was written; today's stands in `db/channels.ts`. */
export const apiTokenChanges = {
  table: 'api_token',
  columns: ['id', 'team_id', 'name', 'hint', 'created_by', 'created_at', 'expires_at'],
  watch: ['id', 'team_id', 'name', 'token_hash', 'hint', 'created_by', 'created_at', 'expires_at'],
  audience: ['team:{team_id}/owners', 'token:{id}'],
};

/**
 * Tokens by which programs read a team, acting for the owner who made them. They are rows of the membership: whoever
 * leaves the team takes their tokens along, and does not find them again when they come back.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('api_token')
    .addColumn('id', 'integer', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('team_id', 'integer', (c) => c.notNull())
    .addColumn('created_by', 'uuid', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('token_hash', 'text', (c) => c.notNull().unique())
    .addColumn('hint', 'text', (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('expires_at', 'timestamptz')
    .addColumn('last_used_at', 'timestamptz')
    .addForeignKeyConstraint(
      'api_token_member',
      ['created_by', 'team_id'],
      'profile_team',
      ['profile_id', 'team_id'],
      (c) => c.onDelete('cascade'),
    )
    .addCheckConstraint('api_token_name_length', sql`char_length(name) between 1 and 100`)
    .addCheckConstraint('api_token_hint_length', sql`char_length(hint) = 4`)
    .execute();
  await db.schema.createIndex('api_token_team_id').on('api_token').column('team_id').execute();
  await db.schema
    .createIndex('api_token_created_by')
    .on('api_token')
    .columns(['created_by', 'team_id'])
    .execute();
  await createChangeTriggers(db, 'api_token_changes', apiTokenChanges);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await dropChangeTriggers(db, apiTokenChanges.table);
  await db.schema.dropTable('api_token').execute();
}
