import type { QueryKey } from '@tanstack/react-query';

/** The team that a query's input names; undefined: none. */
export function teamOfQuery(queryKey: QueryKey): unknown {
  for (const part of queryKey) {
    if (typeof part !== 'object' || part === null || !('input' in part)) continue;
    const { input } = part;
    if (typeof input === 'object' && input !== null && 'teamId' in input) return input.teamId;
  }
  return undefined;
}
