import { IconDoorExit } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Navigate, Outlet } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { trpc } from '../../trpc.ts';
import { useAnnounce } from '../../ui/announcer.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { useMe } from '../../ui/me.tsx';
import { usePageTitle } from '../../ui/page-title.ts';
import { EmptyState, ErrorState, ListSkeleton } from '../../ui/states.tsx';
import { writeLastTeam } from './last-team.ts';
import { firstPlace } from './pages.ts';
import { LeavingProvider } from './leaving.tsx';
import { teamOfQuery } from './team-queries.ts';
import { TeamProvider, useTeam, useTeamId } from './use-team.tsx';

/** Everything under a team's address: for its members, for as long as they are. */
export function TeamLayout() {
  const me = useMe();
  const teamId = useTeamId();
  const teams = trpc.team.mine.useQuery();
  const team = teams.data?.find(({ id }) => id === teamId);
  const [known, setKnown] = useState<{ id: number; name: string } | null>(null);
  // The team they are leaving by their own doing; still so once they have left, which is no news to them.
  const [leaving, setLeaving] = useState<number | null>(null);
  if (team && (known?.id !== team.id || known.name !== team.name)) setKnown({ id: team.id, name: team.name });

  useEffect(() => {
    if (team && me) writeLastTeam(me.id, team.id);
  }, [team, me]);

  if (team) {
    return (
      <TeamProvider key={team.id} team={team}>
        <LeavingProvider onLeaving={(yes) => setLeaving(yes ? team.id : null)}>
          <Outlet />
        </LeavingProvider>
      </TeamProvider>
    );
  }
  if (!teams.data) {
    return teams.error ? <ErrorState error={teams.error} retry={teams.refetch} /> : <ListSkeleton />;
  }
  if (teamId !== null && leaving === teamId) return <Left teamId={teamId} />;
  const name = known?.id === teamId ? known.name : null;
  return <NotAMember key={teamId} teamId={teamId} name={name} />;
}

/** What was known of the team is not kept by those who left it. */
function useForgetTeam(teamId: number | null): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (teamId === null) return;
    queryClient.removeQueries({ predicate: ({ queryKey }) => teamOfQuery(queryKey) === teamId });
  }, [queryClient, teamId]);
}

/** By their own doing: they go on at once. */
function Left({ teamId }: { teamId: number }) {
  useForgetTeam(teamId);
  return <Navigate to="/" replace />;
}

function NotAMember({ teamId, name }: { teamId: number | null; name: string | null }) {
  const announce = useAnnounce();
  const title = name === null ? 'You are not a member of this team' : `You are no longer a member of ${name}`;
  usePageTitle(title);
  useForgetTeam(teamId);
  useEffect(() => announce(title), [announce, title]);

  return (
    <EmptyState
      icon={<IconDoorExit />}
      title={title}
      text={
        name === null
          ? 'Or there is no such team any more. Someone in the team can invite you.'
          : 'You left, an owner removed you, or the team was deleted. Someone in the team can invite you again.'
      }
      action={<ButtonLink to="/">Go to my teams</ButtonLink>}
    />
  );
}

/** `/teams/1`: leads to the first page that is open. */
export function TeamIndex() {
  const team = useTeam();
  return <Navigate to={firstPlace(team)} params={{ teamId: String(team.id) }} replace />;
}
