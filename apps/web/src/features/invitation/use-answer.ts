import { useNavigate } from '@tanstack/react-router';

import { useRef } from 'react';

import { trpc, type Outputs } from '../../trpc.ts';
import { useAct } from '../../ui/mutation.ts';

export type MyInvitation = Outputs['invitation']['mine'][number];

/** Accepting leads into the team; declining leaves everything as it is. */
export function useAnswer() {
  const navigate = useNavigate();
  const utils = trpc.useUtils();
  const accepting = useAct(trpc.invitation.accept.useMutation());
  const declining = useAct(trpc.invitation.decline.useMutation());
  // A second click comes before the button shows that the first one works.
  const accepted = useRef(false);

  return {
    pending: accepting.pending || declining.pending,
    async accept(invitation: { id: number } | { secret: string }): Promise<boolean> {
      if (accepted.current) return false;
      accepted.current = true;
      const joined = await accepting.run(invitation);
      accepted.current = false;
      if (!joined) return false;
      await Promise.all([utils.team.mine.refetch(), utils.invitation.mine.refetch()]);
      await navigate({ to: '/teams/$teamId', params: { teamId: String(joined.teamId) } });
      return true;
    },
    async decline(invitation: { id: number } | { secret: string }): Promise<boolean> {
      const declined = await declining.attempt(invitation);
      await utils.invitation.mine.refetch();
      return declined;
    },
  };
}

/** "Ada invites you to Demo". */
export function invitationWords({
  invitedBy,
  teamName,
}: Pick<MyInvitation, 'invitedBy' | 'teamName'>): string {
  return `${invitedBy?.name ?? 'Someone'} invites you to ${teamName}`;
}
