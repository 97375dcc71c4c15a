import { Navigate } from '@tanstack/react-router';

import { trpc } from '../../trpc.ts';
import { useMe } from '../../ui/me.tsx';
import { usePageTitle } from '../../ui/page-title.ts';
import { ErrorState, ListSkeleton } from '../../ui/states.tsx';
import { readLastTeam } from './last-team.ts';
import { NoTeamPage } from './no-team-page.tsx';

/** Leads to the team one looked at last, or to the first steps when one has no team yet. */
export function HomePage() {
  usePageTitle();
  const me = useMe();
  const teams = trpc.team.mine.useQuery();
  if (!teams.data) {
    return teams.error ? <ErrorState error={teams.error} retry={teams.refetch} /> : <ListSkeleton />;
  }
  const last = me && readLastTeam(me.id);
  const team = teams.data.find(({ id }) => id === last) ?? teams.data[0];
  if (!team) return <NoTeamPage />;
  return <Navigate to="/teams/$teamId" params={{ teamId: String(team.id) }} replace />;
}
