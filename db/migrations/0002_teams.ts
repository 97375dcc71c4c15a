import { type Kysely, sql } from 'kysely';

/**
 * Teams, their roles, members and invitations. `team_id` stands on every announced table and is kept true by
 * composite foreign keys, so that a trigger needs no join and a cascade still knows its team.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('team')
    .addColumn('id', 'integer', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addCheckConstraint('team_name_length', sql`char_length(name) between 1 and 100`)
    .execute();

  await db.schema
    .createTable('profile_team')
    .addColumn('id', 'integer', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('team_id', 'integer', (c) => c.notNull().references('team.id').onDelete('cascade'))
    .addColumn('profile_id', 'uuid', (c) => c.notNull().references('profile.id').onDelete('cascade'))
    .addColumn('is_owner', 'boolean', (c) => c.notNull().defaultTo(false))
    .addColumn('joined_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addUniqueConstraint('profile_team_once', ['profile_id', 'team_id'])
    .execute();
  await db.schema.createIndex('profile_team_team_id').on('profile_team').column('team_id').execute();

  await db.schema
    .createTable('role')
    .addColumn('id', 'integer', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('team_id', 'integer', (c) => c.notNull().references('team.id').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('colour', 'text', (c) => c.notNull().defaultTo('blue'))
    .addColumn('pages', sql`text[]`, (c) => c.notNull().defaultTo(sql`array['tasks']`))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addUniqueConstraint('role_name_once', ['team_id', 'name'])
    .addUniqueConstraint('role_in_team', ['id', 'team_id'])
    .addCheckConstraint('role_name_length', sql`char_length(name) between 1 and 100`)
    .addCheckConstraint('role_pages', sql`pages <@ array['tasks', 'instances', 'models', 'invitations']`)
    .execute();

  await db.schema
    .createTable('profile_role_team')
    .addColumn('id', 'integer', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('team_id', 'integer', (c) => c.notNull())
    .addColumn('profile_id', 'uuid', (c) => c.notNull())
    .addColumn('role_id', 'integer', (c) => c.notNull())
    .addUniqueConstraint('profile_role_team_once', ['profile_id', 'role_id'])
    .addForeignKeyConstraint(
      'profile_role_team_member',
      ['profile_id', 'team_id'],
      'profile_team',
      ['profile_id', 'team_id'],
      (c) => c.onDelete('cascade'),
    )
    .addForeignKeyConstraint(
      'profile_role_team_role',
      ['role_id', 'team_id'],
      'role',
      ['id', 'team_id'],
      (c) => c.onDelete('cascade'),
    )
    .execute();
  await db.schema
    .createIndex('profile_role_team_role_id')
    .on('profile_role_team')
    .column('role_id')
    .execute();
  await db.schema
    .createIndex('profile_role_team_team_id')
    .on('profile_role_team')
    .column('team_id')
    .execute();

  await db.schema
    .createTable('invitation')
    .addColumn('id', 'integer', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('team_id', 'integer', (c) => c.notNull().references('team.id').onDelete('cascade'))
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('invited_by', 'uuid', (c) => c.references('profile.id').onDelete('set null'))
    .addColumn('status', 'text', (c) => c.notNull().defaultTo('Pending'))
    .addColumn('secret_hash', 'text', (c) => c.notNull().unique())
    .addColumn('expires_at', 'timestamptz', (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('answered_at', 'timestamptz')
    .addCheckConstraint('invitation_email_lower', sql`email = lower(email) and char_length(email) <= 320`)
    .addCheckConstraint('invitation_status', sql`status in ('Pending', 'Accepted', 'Declined', 'Revoked')`)
    .execute();
  await db.schema
    .createIndex('invitation_pending_once')
    .unique()
    .on('invitation')
    .columns(['team_id', 'email'])
    .where(sql.ref('status'), '=', sql.lit('Pending'))
    .execute();
  await db.schema.createIndex('invitation_email').on('invitation').column('email').execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['invitation', 'profile_role_team', 'role', 'profile_team', 'team']) {
    await db.schema.dropTable(table).execute();
  }
}
