import { trpc } from '../../trpc.ts';
import { useMe } from '../../ui/me.tsx';
import { useAct } from '../../ui/mutation.ts';
import { useTeam } from '../team/use-team.tsx';
import type { Task } from './task-detail.tsx';

export interface Claim {
  /** Claimed by me. */
  mine: boolean;
  /** Claimed by someone else. */
  others: boolean;
  mayClaim: boolean;
  mayRelease: boolean;
  claim(): void;
  release(): void;
}

/** Taking and giving back a task. Shown at once; a refusal puts back what was there and says who was faster. */
export function useClaim(teamId: number, task: Task): Claim {
  const me = useMe();
  const isOwner = useTeam().isOwner;
  const utils = trpc.useUtils();
  const key = { teamId, id: task.id };

  const show = (claimedBy: Task['claimedBy'], claimedAt: string | null) => {
    utils.task.get.setData(key, (before) => before && { ...before, claimedBy, claimedAt });
    for (const filter of ['mine', 'all'] as const) {
      utils.task.list.setData({ teamId, filter }, (before) =>
        before?.map((each) => (each.id === task.id ? { ...each, claimedBy, claimedAt } : each)),
      );
    }
  };
  const rollback = { claimedBy: task.claimedBy, claimedAt: task.claimedAt };
  const options = {
    onError: () => show(rollback.claimedBy, rollback.claimedAt),
    onSettled: () => Promise.all([utils.task.get.invalidate(key), utils.task.list.invalidate({ teamId })]),
  };
  const claim = useAct(
    trpc.task.claim.useMutation({
      ...options,
      onMutate: () => show(me && { id: me.id, name: me.name }, new Date().toISOString()),
    }),
  );
  const release = useAct(trpc.task.release.useMutation({ ...options, onMutate: () => show(null, null) }));

  const mine = task.claimedBy !== null && task.claimedBy.id === me?.id;
  const others = task.claimedBy !== null && !mine;
  return {
    mine,
    others,
    mayClaim: task.mayAct && task.claimedBy === null,
    mayRelease: mine || (others && isOwner),
    claim: () => void claim.run(key),
    release: () => void release.run(key),
  };
}
