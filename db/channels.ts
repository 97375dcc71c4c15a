import { type ChangeEvents, defineChannels, type PublicChannel } from '@processflow/events';

import type { Database } from './types.ts';

/** THE list: every channel, its table, what its events carry and who may hear them. */
export const channels = defineChannels<Database>()({
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
  process_instance_changes: {
    table: 'process_instance',
    columns: ['id', 'team_id', 'process_model_id', 'status', 'started_by', 'started_at', 'ended_at'],
    audience: ['team:{team_id}/instances', 'team:{team_id}/tasks'],
  },
  process_model_changes: {
    table: 'process_model',
    columns: ['id', 'team_id', 'name', 'version', 'status', 'deployed_at'],
    audience: ['team:{team_id}/models', 'team:{team_id}/instances'],
  },
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
  probe_changes: {
    table: 'probe',
    columns: ['id', 'team_id', 'profile_id', 'nonce', 'asked_at', 'topic'],
    audience: ['{topic}'],
  },
  api_token_changes: {
    table: 'api_token',
    columns: ['id', 'team_id', 'name', 'hint', 'created_by', 'created_at', 'expires_at'],
    // All but `last_used_at`: using a token is no news.
    watch: ['id', 'team_id', 'name', 'token_hash', 'hint', 'created_by', 'created_at', 'expires_at'],
    audience: ['team:{team_id}/owners', 'token:{id}'],
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
});

export type Channels = typeof channels;

/** A channel that viewers may hear. */
export type Channel = PublicChannel<Channels>;

/** Every change event, internal ones included. */
export type AnyEvent = ChangeEvents<Database, Channels>;

/** What viewers hear. */
export type Event = Extract<AnyEvent, { channel: Channel }>;

/** A page of a team that a role can open. */
export type Page = Database['role']['pages'] extends { readonly __select__: readonly (infer Name)[] }
  ? Name
  : never;

export const PAGES: readonly Page[] = ['tasks', 'instances', 'models', 'invitations'];
