import { useParams } from '@tanstack/react-router';
import { createContext, useContext, type ReactNode } from 'react';

import { trpc } from '../../trpc.ts';
import { useMe } from '../../ui/me.tsx';
import { readLastTeam } from './last-team.ts';
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

/** The team that the header speaks of: the one the address names, else the last one, as far as one is in it. */
export function useShownTeam(): MyTeam | null {
  const me = useMe();
  const named = useTeamId();
  const id = named ?? (me && readLastTeam(me.id));
  const teams = trpc.team.mine.useQuery();
  return teams.data?.find((team) => team.id === id) ?? null;
}
