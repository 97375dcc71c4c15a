import { expect, test, vi } from 'vitest';

import { reportFanout } from './report.ts';
import { measureAll, type Settings } from './rounds.ts';
import { chooseServers } from './servers.ts';

vi.setConfig({ testTimeout: 120_000 });

const shared = { connections: 20, seconds: 0.5, warmUp: 0.2, pingEvery: 100, flushEvery: 10, generators: 1 };
const search = { ladder: [400], most: 400, resolution: 1_000, tries: 1 };
const settings: Settings = {
  oneTeam: { ...shared, ...search, teams: 1, generators: 2 },
  manyTeams: { ...shared, ...search, teams: 4 },
  idle: { ...shared, teams: 1 },
};

test('every server that there is delivers to all, pings them, and is measured', async () => {
  const servers = chooseServers();
  const measured = await measureAll(servers, settings);
  for (const name of servers) {
    for (const trial of [measured.oneTeam[name]![0]!, measured.manyTeams[name]![0]!]) {
      expect({ name, ...trial }).toMatchObject({ rate: 400, lost: 0 });
      expect(trial.delivered).toBeGreaterThan(0);
      expect(trial.latency!.p99).toBeGreaterThanOrEqual(trial.latency!.p50);
      expect(trial.latency!.p50).toBeGreaterThan(0);
    }
    expect(measured.idle[name]).toMatchObject({ connections: 20 });
  }
  for (const name of ['trpc', 'ours', 'bare'] as const) expect(measured.idle[name]!.bytes).toBeGreaterThan(0);
  const { lines } = reportFanout(measured);
  expect(lines.filter((line) => line.includes('bare node:http loop')).length).toBeGreaterThan(1);
});

test('what is not there is refused', () => {
  expect(() => chooseServers('ours,theirs')).toThrow('There is no server "theirs"');
});
