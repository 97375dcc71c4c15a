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
  flow_element: FlowElement;
  flow_element_instance: FlowElementInstance;
  invitation: Invitation;
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
