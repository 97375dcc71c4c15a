import { createContext, useContext, type ReactNode } from 'react';

import { trpc } from '../../trpc.ts';

type OnLeaving = (leaving: boolean) => void;

const LeavingContext = createContext<OnLeaving>(() => {});

export function LeavingProvider({ onLeaving, children }: { onLeaving: OnLeaving; children: ReactNode }) {
  return <LeavingContext value={onLeaving}>{children}</LeavingContext>;
}

/**
 * Runs what ends one's own membership, such as leaving. The event that tells of it may come before the answer; either
 * way the team's page leads on to the other teams, instead of saying that one is no longer a member.
 */
export function useLeaving(): (end: () => Promise<boolean>) => Promise<void> {
  const onLeaving = useContext(LeavingContext);
  const utils = trpc.useUtils();
  return async (end) => {
    onLeaving(true);
    if (await end()) await utils.team.mine.refetch();
    else onLeaving(false);
  };
}
