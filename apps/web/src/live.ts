import {
  createLiveStore,
  createRealtime,
  keys,
  type LiveSource,
  type LiveStore,
  type Rules,
} from '@processflow/events/react';
import { sharedSource } from '@processflow/events/shared';
import type { Query } from '@tanstack/react-query';
import { getQueryKey } from '@trpc/react-query';

import type { Tap } from './features/inspector/tap.ts';
import { teamOfQuery } from './features/team/team-queries.ts';
import { createStreamSource } from './stream.ts';
import { trpc } from './trpc.ts';
import { workerName } from './worker-name.ts';

/** Every event a viewer may hear, as the server's router types it. */
export type LiveEvent = ReturnType<typeof createStreamSource> extends LiveSource<infer Event> ? Event : never;

export const { LiveProvider, useRealtimeSubscription, useLiveStatus } = createRealtime<LiveEvent>();

interface LiveOptions {
  /** Whose events; without anybody there is nothing to listen for. */
  readonly viewer: string | undefined;
  readonly version: string;
  readonly tap: Tap<LiveEvent>;
}

/** One person's events, over a stream that all their tabs share where the browser can do that. */
export function createLive({ viewer, version, tap }: LiveOptions): LiveStore<LiveEvent> {
  const name = workerName(viewer ?? 'nobody', version);
  const shared = sharedSource<LiveEvent>({
    worker: () => new SharedWorker(new URL('./live-worker.ts', import.meta.url), { type: 'module', name }),
    source: createStreamSource(viewer),
  });
  return createLiveStore({
    ...shared,
    source: tap.through(shared.source),
    contract: import.meta.env.CONTRACT,
    teamOf: (event) => (event.channel === 'team_changes' ? event.id : event.team_id),
  });
}

const { task, instance, model, team, role, invitation, token } = trpc;

/**
 * Who belongs to a team, what their roles are and which pages these open decide what each of them may read and do, and
 * so what any query of that team answers: also the counts and rights in lists that stay open.
 */
const access = {
  all: [
    ...keys(getQueryKey(team.mine)),
    { predicate: ({ queryKey }: Query) => teamOfQuery(queryKey) !== undefined },
  ],
  event: ({ team_id: teamId }: { readonly team_id: number }) => [
    ...keys(getQueryKey(team.mine)),
    { predicate: ({ queryKey }: Query) => teamOfQuery(queryKey) === teamId },
  ],
};

/** Which queries each channel's events touch: total over all channels. */
export const rules = {
  flow_element_instance_changes: {
    all: keys(
      getQueryKey(task.list),
      getQueryKey(task.get),
      getQueryKey(instance.list),
      getQueryKey(instance.get),
      getQueryKey(role.list),
    ),
    event: ({ id, team_id: teamId, is_part_of }) =>
      keys(
        getQueryKey(task.list, { teamId }),
        getQueryKey(task.get, { teamId, id }),
        getQueryKey(instance.list, { teamId }),
        getQueryKey(instance.get, { teamId, id: is_part_of }),
        getQueryKey(role.list, { teamId }),
      ),
  },
  process_instance_changes: {
    all: keys(
      getQueryKey(instance.list),
      getQueryKey(instance.get),
      getQueryKey(task.list),
      getQueryKey(task.get),
      getQueryKey(model.list),
    ),
    // A task shows its instance's variables, and nothing in the event says which tasks those are.
    event: ({ id, team_id: teamId }) =>
      keys(
        getQueryKey(instance.list, { teamId }),
        getQueryKey(instance.get, { teamId, id }),
        getQueryKey(task.list, { teamId }),
        getQueryKey(task.get, { teamId }),
        getQueryKey(model.list, { teamId }),
      ),
  },
  process_model_changes: {
    all: keys(
      getQueryKey(model.list),
      getQueryKey(model.get),
      getQueryKey(instance.list),
      getQueryKey(role.list),
    ),
    event: ({ id, team_id: teamId }) =>
      keys(
        getQueryKey(model.list, { teamId }),
        getQueryKey(model.get, { teamId, id }),
        getQueryKey(instance.list, { teamId }),
        getQueryKey(role.list, { teamId }),
      ),
  },
  team_changes: {
    all: keys(getQueryKey(team.mine), getQueryKey(invitation.mine)),
  },
  profile_team_changes: access,
  role_changes: access,
  profile_role_team_changes: access,
  invitation_changes: {
    all: keys(getQueryKey(invitation.list), getQueryKey(invitation.mine)),
    event: ({ team_id: teamId }) =>
      keys(getQueryKey(invitation.list, { teamId }), getQueryKey(invitation.mine)),
  },
  api_token_changes: {
    all: keys(getQueryKey(token.list)),
    event: ({ team_id: teamId }) => keys(getQueryKey(token.list, { teamId })),
  },
  // What the doctor's page asks for, to see whether it is told.
  probe_changes: { all: keys(['doctor', 'probe']) },
} satisfies Rules<LiveEvent>;
