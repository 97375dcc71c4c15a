import { type Kysely, sql } from 'kysely';

/**
 * Process models, their elements, and running instances of both. A role or person that is removed leaves what
 * they did behind, without the reference; the deferred composite keys keep roles within their team.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('process_model')
    .addColumn('id', 'integer', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('team_id', 'integer', (c) => c.notNull().references('team.id').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('xml', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull().defaultTo('Draft'))
    .addColumn('uploaded_by', 'uuid', (c) => c.references('profile.id').onDelete('set null'))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('deployed_at', 'timestamptz')
    .addUniqueConstraint('process_model_version_once', ['team_id', 'name', 'version'])
    .addUniqueConstraint('process_model_in_team', ['id', 'team_id'])
    .addCheckConstraint('process_model_name_length', sql`char_length(name) between 1 and 200`)
    .addCheckConstraint('process_model_status', sql`status in ('Draft', 'Deployed')`)
    .execute();

  await db.schema
    .createTable('flow_element')
    .addColumn('id', 'integer', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('team_id', 'integer', (c) => c.notNull())
    .addColumn('process_model_id', 'integer', (c) => c.notNull())
    .addColumn('element_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('automatic', 'boolean', (c) => c.notNull().defaultTo(false))
    .addColumn('performer', 'text')
    .addColumn('role_id', 'integer', (c) => c.references('role.id').onDelete('set null'))
    .addUniqueConstraint('flow_element_once', ['process_model_id', 'element_id'])
    .addUniqueConstraint('flow_element_in_team', ['id', 'team_id'])
    .addCheckConstraint(
      'flow_element_kind',
      sql`kind in ('start', 'end', 'terminate', 'task', 'exclusive', 'parallel')`,
    )
    .addForeignKeyConstraint(
      'flow_element_model',
      ['process_model_id', 'team_id'],
      'process_model',
      ['id', 'team_id'],
      (c) => c.onDelete('cascade'),
    )
    .addForeignKeyConstraint('flow_element_role', ['role_id', 'team_id'], 'role', ['id', 'team_id'], (c) =>
      c.deferrable().initiallyDeferred(),
    )
    .execute();
  await db.schema.createIndex('flow_element_team_id').on('flow_element').column('team_id').execute();
  await db.schema.createIndex('flow_element_role_id').on('flow_element').column('role_id').execute();

  await db.schema
    .createTable('process_instance')
    .addColumn('id', 'integer', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('team_id', 'integer', (c) => c.notNull())
    .addColumn('process_model_id', 'integer', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('variables', 'jsonb', (c) => c.notNull().defaultTo(sql`'{}'`))
    .addColumn('next_number', 'integer', (c) => c.notNull())
    .addColumn('started_by', 'uuid', (c) => c.references('profile.id').onDelete('set null'))
    .addColumn('started_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('ended_at', 'timestamptz')
    .addUniqueConstraint('process_instance_in_team', ['id', 'team_id'])
    .addCheckConstraint(
      'process_instance_status',
      sql`status in ('Running', 'Incident', 'Completed', 'Terminated', 'Cancelled')`,
    )
    .addForeignKeyConstraint(
      'process_instance_model',
      ['process_model_id', 'team_id'],
      'process_model',
      ['id', 'team_id'],
      (c) => c.onDelete('cascade'),
    )
    .execute();
  await db.schema
    .createIndex('process_instance_newest')
    .on('process_instance')
    .columns(['team_id', 'id desc'])
    .execute();
  await db.schema
    .createIndex('process_instance_model_id')
    .on('process_instance')
    .column('process_model_id')
    .execute();

  await db.schema
    .createTable('flow_element_instance')
    .addColumn('id', 'integer', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('team_id', 'integer', (c) => c.notNull())
    .addColumn('instance_of', 'integer', (c) => c.notNull())
    .addColumn('is_part_of', 'integer', (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('via', 'text')
    .addColumn('taken', sql`text[]`, (c) => c.notNull().defaultTo(sql`'{}'`))
    .addColumn('incident', 'jsonb')
    .addColumn('assigned_role_id', 'integer', (c) => c.references('role.id').onDelete('set null'))
    .addColumn('claimed_by', 'uuid', (c) => c.references('profile.id').onDelete('set null'))
    .addColumn('claimed_at', 'timestamptz')
    .addColumn('completed_by', 'uuid', (c) => c.references('profile.id').onDelete('set null'))
    .addColumn('completed_at', 'timestamptz')
    .addColumn('started_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addUniqueConstraint('flow_element_instance_once', ['is_part_of', 'number'])
    .addCheckConstraint(
      'flow_element_instance_status',
      sql`status in ('Active', 'Waiting', 'Incident', 'Completed', 'Cancelled')`,
    )
    .addForeignKeyConstraint(
      'flow_element_instance_element',
      ['instance_of', 'team_id'],
      'flow_element',
      ['id', 'team_id'],
      (c) => c.onDelete('cascade'),
    )
    .addForeignKeyConstraint(
      'flow_element_instance_process',
      ['is_part_of', 'team_id'],
      'process_instance',
      ['id', 'team_id'],
      (c) => c.onDelete('cascade'),
    )
    .addForeignKeyConstraint(
      'flow_element_instance_role',
      ['assigned_role_id', 'team_id'],
      'role',
      ['id', 'team_id'],
      (c) => c.deferrable().initiallyDeferred(),
    )
    .execute();
  await db.schema
    .createIndex('flow_element_instance_open')
    .on('flow_element_instance')
    .columns(['team_id', 'id'])
    .where(sql.ref('status'), 'in', sql`('Active', 'Waiting', 'Incident')`)
    .execute();
  for (const column of ['instance_of', 'assigned_role_id', 'claimed_by', 'completed_by']) {
    await db.schema
      .createIndex(`flow_element_instance_${column}`)
      .on('flow_element_instance')
      .column(column)
      .execute();
  }
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['flow_element_instance', 'process_instance', 'flow_element', 'process_model']) {
    await db.schema.dropTable(table).execute();
  }
}
