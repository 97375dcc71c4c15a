import type { QueryKey } from '@tanstack/react-query';

/** True for a query whose input names this team. */
export function isOfTeam(queryKey: QueryKey, teamId: number): boolean {
  return queryKey.some((part) => {
    if (typeof part !== 'object' || part === null || !('input' in part)) return false;
    const { input } = part;
    return typeof input === 'object' && input !== null && 'teamId' in input && input.teamId === teamId;
  });
}
