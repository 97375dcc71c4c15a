import { useParams } from '@tanstack/react-router';
import { createContext, useContext, type ReactNode } from 'react';

import { trpc } from '../../trpc.ts';
import type { MyTeam } from './pages.ts';

const TeamContext = createContext<MyTeam | null>(null);

export function TeamProvider({ team, children }: { team: MyTeam; children: ReactNode }) {
  return <TeamContext value={team}>{children}</TeamContext>;
}

/** The team whose page this is, with one's own standing in it. */
export function useTeam(): MyTeam {
  const team = useContext(TeamContext);
  if (!team) throw new Error('useTeam needs a page of a team above the component that uses it.');
  return team;
}

/** The team that the address names; null when it names none. */
export function useTeamId(): number | null {
  const { teamId } = useParams({ strict: false });
  const id = Number(teamId);
  return teamId !== undefined && Number.isInteger(id) && id > 0 ? id : null;
}

/** The team that the address names, as far as one is a member of it. */
export function useNamedTeam(): MyTeam | null {
  const id = useTeamId();
  const teams = trpc.team.mine.useQuery();
  return teams.data?.find((team) => team.id === id) ?? null;
}
