import {
  createChangeEvents,
  createChangeTriggers,
  dropChangeEvents,
  dropChangeTriggers,
} from '@processflow/events/postgres';
import type { Kysely } from 'kysely';

/** The channels as they were when this migration was written; today's stand in `db/channels.ts`. */
export const channels = {
  team_changes: {
    table: 'team',
    columns: ['id', 'name', 'created_at'],
    audience: ['team:{id}'],
  },
  profile_team_changes: {
    table: 'profile_team',
    columns: ['id', 'team_id', 'profile_id', 'is_owner', 'joined_at'],
    audience: ['team:{team_id}', 'profile:{profile_id}'],
  },
  role_changes: {
    table: 'role',
    columns: ['id', 'team_id', 'name', 'pages'],
    audience: ['team:{team_id}'],
    whole: ['pages'],
  },
  profile_role_team_changes: {
    table: 'profile_role_team',
    columns: ['id', 'team_id', 'profile_id', 'role_id'],
    audience: ['team:{team_id}', 'profile:{profile_id}'],
  },
  invitation_changes: {
    table: 'invitation',
    columns: ['id', 'team_id', 'email', 'invited_by', 'status', 'expires_at'],
    audience: ['team:{team_id}/invitations', 'email:{email}'],
  },
  process_model_changes: {
    table: 'process_model',
    columns: ['id', 'team_id', 'name', 'version', 'status', 'deployed_at'],
    audience: ['team:{team_id}/models', 'team:{team_id}/instances'],
  },
  process_instance_changes: {
    table: 'process_instance',
    columns: ['id', 'team_id', 'process_model_id', 'status', 'started_by', 'started_at', 'ended_at'],
    audience: ['team:{team_id}/instances', 'team:{team_id}/tasks'],
  },
  flow_element_instance_changes: {
    table: 'flow_element_instance',
    columns: [
      'id',
      'status',
      'is_part_of',
      'team_id',
      'instance_of',
      'assigned_role_id',
      'claimed_by',
      'claimed_at',
      'completed_by',
      'completed_at',
      'started_at',
    ],
    audience: ['team:{team_id}/tasks', 'team:{team_id}/instances'],
  },
  session_changes: {
    table: 'session',
    columns: ['id', 'profile_id', 'expires_at'],
    audience: ['session:{id}'],
    internal: true,
  },
  profile_changes: {
    table: 'profile',
    columns: ['id', 'email', 'email_verified'],
    audience: ['profile:{id}'],
    internal: true,
  },
};

export async function up(db: Kysely<unknown>): Promise<void> {
  await createChangeEvents(db);
  for (const [channel, definition] of Object.entries(channels)) {
    await createChangeTriggers(db, channel, definition);
  }
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const { table } of Object.values(channels)) await dropChangeTriggers(db, table);
  await dropChangeEvents(db);
}
