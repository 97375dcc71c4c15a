import { createChangeTriggers, dropChangeTriggers } from '@processflow/events/postgres';
import { type Kysely, sql } from 'kysely';

/** As it was when this migration was written; today's stands in `db/channels.ts`. */
export const probeChanges = {
  table: 'probe',
  columns: ['id', 'team_id', 'profile_id', 'nonce', 'asked_at', 'topic'],
  audience: ['{topic}'],
};

/**
 * What a probe writes to see whether changes arrive: one row for a member of a team, written over each time. Its
 * topic is its asker's alone, and yet one of the team's, so that whoever hears the team alone hears it too.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('probe')
    .addColumn('id', 'integer', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('team_id', 'integer', (c) => c.notNull())
    .addColumn('profile_id', 'uuid', (c) => c.notNull())
    .addColumn('nonce', 'text', (c) => c.notNull())
    .addColumn('asked_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('topic', 'text', (c) =>
      c
        .notNull()
        .generatedAlwaysAs(sql`'team:' || team_id::text || '/probe/' || profile_id::text`)
        .stored(),
    )
    .addUniqueConstraint('probe_once', ['profile_id', 'team_id'])
    .addForeignKeyConstraint(
      'probe_member',
      ['profile_id', 'team_id'],
      'profile_team',
      ['profile_id', 'team_id'],
      (c) => c.onDelete('cascade'),
    )
    .execute();
  await db.schema.createIndex('probe_team_id').on('probe').column('team_id').execute();
  await createChangeTriggers(db, 'probe_changes', probeChanges);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await dropChangeTriggers(db, probeChanges.table);
  await db.schema.dropTable('probe').execute();
}
