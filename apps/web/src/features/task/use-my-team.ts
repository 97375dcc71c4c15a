import { trpc, type Outputs } from '../../trpc.ts';

/** The team as the signed-in person knows it; undefined while loading, or for someone who is no member. */
export function useMyTeam(teamId: number): Outputs['team']['mine'][number] | undefined {
  return trpc.team.mine.useQuery().data?.find((team) => team.id === teamId);
}
