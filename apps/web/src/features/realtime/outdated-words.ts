import type { LiveEvent } from '../../live.ts';

/** What people see change with each channel. */
const CHANGES: Readonly<Record<LiveEvent['channel'], string>> = {
  flow_element_instance_changes: 'tasks',
  process_instance_changes: 'instances',
  process_model_changes: 'models',
  team_changes: 'teams',
  profile_team_changes: 'members',
  role_changes: 'roles',
  profile_role_team_changes: 'the members’ roles',
  invitation_changes: 'invitations',
  api_token_changes: 'API tokens',
  probe_changes: 'the connection test',
};

const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** What to tell when these channels are no longer as the page knew them; null when there are none. */
export function outdatedWords(channels: readonly string[]): string | null {
  if (channels.length === 0) return null;
  const known: Readonly<Record<string, string>> = CHANGES;
  return `ProcessFlow was updated. Reload to see changes to ${list.format(channels.map((channel) => known[channel] ?? channel))}.`;
}
