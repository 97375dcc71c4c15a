import { availableParallelism } from 'node:os';

import type { Settings } from './rounds.ts';

const SECOND = 1_000;

/** Deliveries a second at which latencies are compared. */
export const COMPARED = [10_000, 100_000, 400_000] as const;

const SHARED = {
  pingEvery: 15 * SECOND,
  flushEvery: 10,
  // A core for the server, the others for the load.
  generators: Math.max(1, Math.min(4, availableParallelism() - 1)),
};

export const FULL: Settings = {
  oneTeam: {
    ...SHARED,
    connections: 1_000,
    teams: 1,
    seconds: 10,
    warmUp: 2,
    ladder: COMPARED,
    resolution: 1.05,
    tries: 2,
  },
  manyTeams: {
    ...SHARED,
    connections: 10_000,
    teams: 1_000,
    seconds: 10,
    warmUp: 2,
    ladder: [10_000, 50_000],
    resolution: 1.2,
    tries: 2,
  },
  idle: { ...SHARED, connections: 10_000, teams: 1, seconds: 30, warmUp: 0 },
};

/** To see that it works, and roughly where things stand. */
export const QUICK: Settings = {
  oneTeam: { ...FULL.oneTeam, seconds: 2, warmUp: 1, resolution: 1.5, tries: 1 },
  manyTeams: {
    ...FULL.manyTeams,
    connections: 1_000,
    teams: 100,
    seconds: 2,
    warmUp: 1,
    resolution: 2,
    tries: 1,
  },
  idle: { ...FULL.idle, connections: 2_000, seconds: 15 },
};

/** Files a process must be able to open besides its connections. */
const BESIDES = 200;

/** Fails when a process could not hold so many connections. */
export function checkFileLimit(connections: number, limit = fileLimit()): void {
  if (limit >= connections + BESIDES) return;
  throw new Error(
    `${connections} connections need ${connections + BESIDES} open files in each process, and "ulimit -n" allows ${limit}: ` +
      `run "ulimit -n ${connections + BESIDES}" in this shell first`,
  );
}

/** Node itself raises its own limit as far as it may. */
function fileLimit(): number {
  const { userLimits } = process.report.getReport() as {
    userLimits?: { open_files: { soft: number | string } };
  };
  const limit = Number(userLimits?.open_files.soft ?? Infinity);
  return Number.isNaN(limit) ? Infinity : limit;
}
