import { useMemo } from 'react';

import { trpc } from '../../trpc.ts';
import { useLastPassed } from '../../ui/ticker.ts';
import type { MyInvitation } from './use-answer.ts';

/** Invitations to oneself that can still be answered; undefined until they are known. No event tells of the end of one. */
export function useMyInvitations(): readonly MyInvitation[] | undefined {
  const { data } = trpc.invitation.mine.useQuery();
  const lastPassed = useLastPassed(data?.map(({ expiresAt }) => expiresAt) ?? []);
  return useMemo(
    () => data?.filter(({ expiresAt }) => Date.parse(expiresAt) > lastPassed),
    [data, lastPassed],
  );
}
