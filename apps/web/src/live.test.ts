import { createInvalidator } from '@processflow/events/react';
import { QueryClient } from '@tanstack/react-query';
import { getQueryKey } from '@trpc/react-query';
import { afterEach, expect, test } from 'vitest';

import { rules, type LiveEvent } from './live.ts';
import { trpc } from './trpc.ts';

const queryClient = new QueryClient();
const invalidator = createInvalidator<LiveEvent>(queryClient, { rules });
afterEach(() => queryClient.clear());

/** Puts a query into the cache; tells whether an event made it stale. */
function known(queryKey: readonly unknown[]) {
  queryClient.setQueryData(queryKey, {});
  return () => queryClient.getQueryState(queryKey)?.isInvalidated;
}

const row = { operation: 'UPDATE', seq: 1, announced_at: '2026-01-01T00:00:00Z', changed: [] } as const;

const taskCompleted: LiveEvent = {
  ...row,
  channel: 'flow_element_instance_changes',
  id: 12,
  status: 'Completed',
  is_part_of: 4,
  instance_of: 3,
  team_id: 1,
  assigned_role_id: null,
  claimed_by: null,
  claimed_at: null,
  completed_by: null,
  completed_at: null,
  started_at: '2026-01-01T00:00:00Z',
};

const roleChanged: LiveEvent = {
  ...row,
  channel: 'role_changes',
  id: 1,
  team_id: 1,
  name: 'Accounting',
  pages: ['tasks'],
};

const invited: LiveEvent = {
  ...row,
  channel: 'invitation_changes',
  id: 1,
  team_id: 1,
  email: 'cleo@example.com',
  invited_by: null,
  status: 'Pending',
  expires_at: '2026-01-01T00:00:00Z',
};

test('a completed task touches its own team’s lists, itself and its instance, and nothing else', () => {
  const touched = [
    known(getQueryKey(trpc.task.list, { teamId: 1, filter: 'mine' }, 'query')),
    known(getQueryKey(trpc.task.list, { teamId: 1, filter: 'all' }, 'query')),
    known(getQueryKey(trpc.task.get, { teamId: 1, id: 12 }, 'query')),
    known(getQueryKey(trpc.instance.get, { teamId: 1, id: 4 }, 'query')),
    known(getQueryKey(trpc.instance.list, { teamId: 1, filter: 'open' }, 'infinite')),
    known(getQueryKey(trpc.role.list, { teamId: 1 }, 'query')),
  ];
  const others = [
    known(getQueryKey(trpc.task.list, { teamId: 2, filter: 'mine' }, 'query')),
    known(getQueryKey(trpc.task.get, { teamId: 1, id: 13 }, 'query')),
    known(getQueryKey(trpc.instance.get, { teamId: 1, id: 5 }, 'query')),
    known(getQueryKey(trpc.model.list, { teamId: 1 }, 'query')),
  ];
  invalidator.onEvent(taskCompleted);
  expect(touched.map((isStale) => isStale())).toEqual(touched.map(() => true));
  expect(others.map((isStale) => isStale())).toEqual(others.map(() => false));
});

test('an invitation reaches the invited person’s inbox and the team’s list', () => {
  const inbox = known(getQueryKey(trpc.invitation.mine, undefined, 'query'));
  const list = known(getQueryKey(trpc.invitation.list, { teamId: 1 }, 'query'));
  invalidator.onEvent(invited);
  expect([inbox(), list()]).toEqual([true, true]);
});

/** One event of every channel. */
const samples: { readonly [Channel in LiveEvent['channel']]: Extract<LiveEvent, { channel: Channel }> } = {
  flow_element_instance_changes: taskCompleted,
  process_instance_changes: {
    ...row,
    channel: 'process_instance_changes',
    id: 4,
    team_id: 1,
    process_model_id: 2,
    status: 'Running',
    started_by: null,
    started_at: '2026-01-01T00:00:00Z',
    ended_at: null,
  },
  process_model_changes: {
    ...row,
    channel: 'process_model_changes',
    id: 2,
    team_id: 1,
    name: 'Invoices',
    version: 1,
    status: 'Deployed',
    deployed_at: null,
  },
  team_changes: { ...row, channel: 'team_changes', id: 1, name: 'Demo', created_at: '2026-01-01T00:00:00Z' },
  profile_team_changes: {
    ...row,
    channel: 'profile_team_changes',
    id: 1,
    team_id: 1,
    profile_id: 'a',
    is_owner: false,
    joined_at: '2026-01-01T00:00:00Z',
  },
  role_changes: roleChanged,
  profile_role_team_changes: {
    ...row,
    channel: 'profile_role_team_changes',
    id: 1,
    team_id: 1,
    profile_id: 'a',
    role_id: 1,
  },
  invitation_changes: invited,
  api_token_changes: {
    ...row,
    channel: 'api_token_changes',
    id: 1,
    team_id: 1,
    name: 'Reports',
    hint: 'abcd',
    created_by: 'a',
    created_at: '2026-01-01T00:00:00Z',
    expires_at: null,
  },
  probe_changes: {
    ...row,
    channel: 'probe_changes',
    id: 1,
    team_id: 1,
    profile_id: 'a',
    nonce: 'n',
    asked_at: '2026-01-01T00:00:00Z',
    topic: 'team:1/probe/a',
  },
};

test.each([samples.profile_team_changes, samples.role_changes, samples.profile_role_team_changes])(
  'what $channel may give or take is looked at again: all of that team, and nothing of another',
  (event) => {
    const ofTeam = (teamId: number) => [
      known(getQueryKey(trpc.task.list, { teamId, filter: 'mine' }, 'query')),
      known(getQueryKey(trpc.task.get, { teamId, id: 12 }, 'query')),
      known(getQueryKey(trpc.instance.list, { teamId, filter: 'open' }, 'infinite')),
      known(getQueryKey(trpc.instance.get, { teamId, id: 4 }, 'query')),
      known(getQueryKey(trpc.model.list, { teamId }, 'query')),
      known(getQueryKey(trpc.model.get, { teamId, id: 2 }, 'query')),
      known(getQueryKey(trpc.member.list, { teamId }, 'query')),
      known(getQueryKey(trpc.role.list, { teamId }, 'query')),
      known(getQueryKey(trpc.invitation.list, { teamId }, 'query')),
      known(getQueryKey(trpc.token.list, { teamId }, 'query')),
    ];
    const touched = [known(getQueryKey(trpc.team.mine, undefined, 'query')), ...ofTeam(1)];
    const others = [known(getQueryKey(trpc.profile.me, undefined, 'query')), ...ofTeam(2)];
    invalidator.onEvent(event);
    expect(touched.map((isStale) => isStale())).toEqual(touched.map(() => true));
    expect(others.map((isStale) => isStale())).toEqual(others.map(() => false));
  },
);

test.each(Object.values(samples))(
  'what an event of $channel touches, its resync fetches again too',
  async (event) => {
    const ofTeam = { teamId: 1 };
    const queries = [
      getQueryKey(trpc.team.mine, undefined, 'query'),
      getQueryKey(trpc.invitation.mine, undefined, 'query'),
      getQueryKey(trpc.task.list, { ...ofTeam, filter: 'mine' }, 'query'),
      getQueryKey(trpc.task.get, { ...ofTeam, id: 12 }, 'query'),
      getQueryKey(trpc.instance.list, { ...ofTeam, filter: 'open' }, 'infinite'),
      getQueryKey(trpc.instance.get, { ...ofTeam, id: 4 }, 'query'),
      getQueryKey(trpc.model.list, ofTeam, 'query'),
      getQueryKey(trpc.model.get, { ...ofTeam, id: 2 }, 'query'),
      getQueryKey(trpc.member.list, ofTeam, 'query'),
      getQueryKey(trpc.role.list, ofTeam, 'query'),
      getQueryKey(trpc.invitation.list, ofTeam, 'query'),
      getQueryKey(trpc.token.list, ofTeam, 'query'),
      ['doctor', 'probe'],
    ];
    const touchedBy = async (act: () => unknown) => {
      const stale = queries.map(known);
      await act();
      return queries.filter((_, index) => stale[index]?.()).map((key) => JSON.stringify(key));
    };
    const close = await touchedBy(() => invalidator.onEvent(event));
    const wide = await touchedBy(() => invalidator.onResync({ channels: [event.channel] }));
    expect(close).not.toEqual([]);
    expect(wide).toEqual(expect.arrayContaining(close));
  },
);
