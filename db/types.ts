// Generated from the migrated database by `npm run db:types`; a test fails when it differs.
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

export type Json = boolean | number | string | null | Json[] | { [key: string]: Json };
export type GeneratedTimestamp = ColumnType<Date, Date | string | undefined, Date | string>;
export type Timestamp = ColumnType<Date, Date | string, Date | string>;

export interface Account {
  id: Generated<string>;
  profile_id: string;
  account_id: string;
  provider_id: string;
  access_token: string | null;
  refresh_token: string | null;
  id_token: string | null;
  access_token_expires_at: Timestamp | null;
  refresh_token_expires_at: Timestamp | null;
  scope: string | null;
  password: string | null;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
}

export interface ApiToken {
  id: GeneratedAlways<number>;
  team_id: number;
  created_by: string;
  name: string;
  token_hash: string;
  hint: string;
  created_at: GeneratedTimestamp;
  expires_at: Timestamp | null;
  last_used_at: Timestamp | null;
}

export interface ChangeLog {
  id: number;
  xid: string;
  at: Timestamp;
  rung: boolean;
  channel: string;
  payload: string;
}

export interface ChangeLogEpoch {
  number: GeneratedAlways<number>;
  epoch: string;
  identity: string;
  continues: string | null;
  ended_before: string | null;
  began: GeneratedTimestamp;
}

export interface ChangeLogState {
  one: Generated<boolean>;
  pruned_below: Generated<string>;
  emitted_epoch: string | null;
  emitted: string | null;
}

export interface FlowElement {
  id: GeneratedAlways<number>;
  team_id: number;
  process_model_id: number;
  element_id: string;
  name: string | null;
  kind: 'end' | 'exclusive' | 'parallel' | 'start' | 'task' | 'terminate';
  automatic: Generated<boolean>;
  performer: string | null;
  role_id: number | null;
}

export interface FlowElementInstance {
  id: GeneratedAlways<number>;
  team_id: number;
  instance_of: number;
  is_part_of: number;
  number: number;
  status: 'Active' | 'Cancelled' | 'Completed' | 'Incident' | 'Waiting';
  via: string | null;
  taken: Generated<string[]>;
  incident: Json | null;
  assigned_role_id: number | null;
  claimed_by: string | null;
  claimed_at: Timestamp | null;
  completed_by: string | null;
  completed_at: Timestamp | null;
  started_at: GeneratedTimestamp;
}

export interface Invitation {
  id: GeneratedAlways<number>;
  team_id: number;
  email: string;
  invited_by: string | null;
  status: Generated<'Accepted' | 'Declined' | 'Pending' | 'Revoked'>;
  secret_hash: string;
  expires_at: Timestamp;
  created_at: GeneratedTimestamp;
  answered_at: Timestamp | null;
}

export interface Probe {
  id: GeneratedAlways<number>;
  team_id: number;
  profile_id: string;
  nonce: string;
  asked_at: GeneratedTimestamp;
  topic: GeneratedAlways<string>;
}

export interface ProcessInstance {
  id: GeneratedAlways<number>;
  team_id: number;
  process_model_id: number;
  status: 'Cancelled' | 'Completed' | 'Incident' | 'Running' | 'Terminated';
  variables: Generated<Json>;
  next_number: number;
  started_by: string | null;
  started_at: GeneratedTimestamp;
  ended_at: Timestamp | null;
}

export interface ProcessModel {
  id: GeneratedAlways<number>;
  team_id: number;
  name: string;
  version: number;
  xml: string;
  status: Generated<'Deployed' | 'Draft'>;
  uploaded_by: string | null;
  created_at: GeneratedTimestamp;
  deployed_at: Timestamp | null;
}

export interface Profile {
  id: Generated<string>;
  name: string;
  email: string;
  email_verified: Generated<boolean>;
  image: string | null;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
}

export interface ProfileRoleTeam {
  id: GeneratedAlways<number>;
  team_id: number;
  profile_id: string;
  role_id: number;
}

export interface ProfileTeam {
  id: GeneratedAlways<number>;
  team_id: number;
  profile_id: string;
  is_owner: Generated<boolean>;
  joined_at: GeneratedTimestamp;
}

export interface Role {
  id: GeneratedAlways<number>;
  team_id: number;
  name: string;
  colour: Generated<string>;
  pages: Generated<('instances' | 'invitations' | 'models' | 'tasks')[]>;
  created_at: GeneratedTimestamp;
}

export interface Session {
  id: Generated<string>;
  profile_id: string;
  token: string;
  expires_at: Timestamp;
  ip_address: string | null;
  user_agent: string | null;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
}

export interface Team {
  id: GeneratedAlways<number>;
  name: string;
  created_at: GeneratedTimestamp;
}

export interface Verification {
  id: Generated<string>;
  identifier: string;
  value: string;
  expires_at: Timestamp;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
}

export interface Database {
  account: Account;
  api_token: ApiToken;
  change_log: ChangeLog;
  change_log_epoch: ChangeLogEpoch;
  change_log_state: ChangeLogState;
  flow_element: FlowElement;
  flow_element_instance: FlowElementInstance;
  invitation: Invitation;
  probe: Probe;
  process_instance: ProcessInstance;
  process_model: ProcessModel;
  profile: Profile;
  profile_role_team: ProfileRoleTeam;
  profile_team: ProfileTeam;
  role: Role;
  session: Session;
  team: Team;
  verification: Verification;
}

/** PostgreSQL's own type of every column, which the database is checked against. */
export const columnTypes = {
  account: {
    id: 'uuid',
    profile_id: 'uuid',
    account_id: 'text',
    provider_id: 'text',
    access_token: 'text | null',
    refresh_token: 'text | null',
    id_token: 'text | null',
    access_token_expires_at: 'timestamp with time zone | null',
    refresh_token_expires_at: 'timestamp with time zone | null',
    scope: 'text | null',
    password: 'text | null',
    created_at: 'timestamp with time zone',
    updated_at: 'timestamp with time zone',
  },
  api_token: {
    id: 'integer',
    team_id: 'integer',
    created_by: 'uuid',
    name: 'text',
    token_hash: 'text',
    hint: 'text',
    created_at: 'timestamp with time zone',
    expires_at: 'timestamp with time zone | null',
    last_used_at: 'timestamp with time zone | null',
  },
  change_log: {
    id: 'bigint',
    xid: 'xid8',
    at: 'timestamp with time zone',
    rung: 'boolean',
    channel: 'text',
    payload: 'text',
  },
  change_log_epoch: {
    number: 'bigint',
    epoch: 'text',
    identity: 'text',
    continues: 'text | null',
    ended_before: 'xid8 | null',
    began: 'timestamp with time zone',
  },
  change_log_state: {
    one: 'boolean',
    pruned_below: 'xid8',
    emitted_epoch: 'text | null',
    emitted: 'text | null',
  },
  flow_element: {
    id: 'integer',
    team_id: 'integer',
    process_model_id: 'integer',
    element_id: 'text',
    name: 'text | null',
    kind: "text: 'end' | 'exclusive' | 'parallel' | 'start' | 'task' | 'terminate'",
    automatic: 'boolean',
    performer: 'text | null',
    role_id: 'integer | null',
  },
  flow_element_instance: {
    id: 'integer',
    team_id: 'integer',
    instance_of: 'integer',
    is_part_of: 'integer',
    number: 'integer',
    status: "text: 'Active' | 'Cancelled' | 'Completed' | 'Incident' | 'Waiting'",
    via: 'text | null',
    taken: 'text[]',
    incident: 'jsonb | null',
    assigned_role_id: 'integer | null',
    claimed_by: 'uuid | null',
    claimed_at: 'timestamp with time zone | null',
    completed_by: 'uuid | null',
    completed_at: 'timestamp with time zone | null',
    started_at: 'timestamp with time zone',
  },
  invitation: {
    id: 'integer',
    team_id: 'integer',
    email: 'text',
    invited_by: 'uuid | null',
    status: "text: 'Accepted' | 'Declined' | 'Pending' | 'Revoked'",
    secret_hash: 'text',
    expires_at: 'timestamp with time zone',
    created_at: 'timestamp with time zone',
    answered_at: 'timestamp with time zone | null',
  },
  probe: {
    id: 'integer',
    team_id: 'integer',
    profile_id: 'uuid',
    nonce: 'text',
    asked_at: 'timestamp with time zone',
    topic: 'text',
  },
  process_instance: {
    id: 'integer',
    team_id: 'integer',
    process_model_id: 'integer',
    status: "text: 'Cancelled' | 'Completed' | 'Incident' | 'Running' | 'Terminated'",
    variables: 'jsonb',
    next_number: 'integer',
    started_by: 'uuid | null',
    started_at: 'timestamp with time zone',
    ended_at: 'timestamp with time zone | null',
  },
  process_model: {
    id: 'integer',
    team_id: 'integer',
    name: 'text',
    version: 'integer',
    xml: 'text',
    status: "text: 'Deployed' | 'Draft'",
    uploaded_by: 'uuid | null',
    created_at: 'timestamp with time zone',
    deployed_at: 'timestamp with time zone | null',
  },
  profile: {
    id: 'uuid',
    name: 'text',
    email: 'text',
    email_verified: 'boolean',
    image: 'text | null',
    created_at: 'timestamp with time zone',
    updated_at: 'timestamp with time zone',
  },
  profile_role_team: {
    id: 'integer',
    team_id: 'integer',
    profile_id: 'uuid',
    role_id: 'integer',
  },
  profile_team: {
    id: 'integer',
    team_id: 'integer',
    profile_id: 'uuid',
    is_owner: 'boolean',
    joined_at: 'timestamp with time zone',
  },
  role: {
    id: 'integer',
    team_id: 'integer',
    name: 'text',
    colour: 'text',
    pages: "text[]: 'instances' | 'invitations' | 'models' | 'tasks'",
    created_at: 'timestamp with time zone',
  },
  session: {
    id: 'uuid',
    profile_id: 'uuid',
    token: 'text',
    expires_at: 'timestamp with time zone',
    ip_address: 'text | null',
    user_agent: 'text | null',
    created_at: 'timestamp with time zone',
    updated_at: 'timestamp with time zone',
  },
  team: {
    id: 'integer',
    name: 'text',
    created_at: 'timestamp with time zone',
  },
  verification: {
    id: 'uuid',
    identifier: 'text',
    value: 'text',
    expires_at: 'timestamp with time zone',
    created_at: 'timestamp with time zone',
    updated_at: 'timestamp with time zone',
  },
} as const;
