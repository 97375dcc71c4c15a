/** How many deliveries a second one process brings to its subscribers, how late, and at what cost; beside others. */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { barChart } from './fanout/chart.ts';
import type { Idle } from './fanout/idle.ts';
import { reportFanout } from './fanout/report.ts';
import { measureAll } from './fanout/rounds.ts';
import { chooseServers, type ServerName, SERVERS } from './fanout/servers.ts';
import { checkFileLimit, FULL, QUICK } from './fanout/settings.ts';
import type { Trial } from './fanout/trial.ts';

/** Ends with 1 when a goal is missed. */
export async function bench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      servers: { type: 'string' },
      svg: { type: 'string' },
    },
  });
  const settings = values.quick ? QUICK : FULL;
  const servers = chooseServers(values.servers);
  const { oneTeam, manyTeams, idle } = settings;
  checkFileLimit(Math.max(oneTeam.connections, manyTeams.connections, idle.connections));
  const load = Number(loadavg()[0]!.toFixed(2));
  const measured = await measureAll(servers, settings, (server, one) => console.error(progress(server, one)));
  const report = reportFanout(measured);
  const result = {
    bench: 'fanout',
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    /** What else the machine had to do, before. */
    load,
    settings,
    best: report.best,
    ...measured,
    goals: report.goals,
  };
  console.log(
    [
      ...(load < 1 ? [] : [`The machine was busy (load ${load}): the ratios say more than the figures.`]),
      `${oneTeam.connections} subscribers of one team; ${manyTeams.connections} in ${manyTeams.teams} teams; ` +
        `${idle.connections} idle ones for memory and CPU. Sustained: for ${oneTeam.seconds} s.`,
      ...report.lines,
    ].join('\n'),
  );
  if (values.json) console.log(JSON.stringify(result));
  if (values.svg !== undefined) {
    const bars = servers.map((name) => ({
      name: SERVERS[name].name,
      value: report.best[name]?.oneTeam ?? 0,
    }));
    const title = `Deliveries a second to ${oneTeam.connections} subscribers, ${result.cores} cores, ${result.date}`;
    writeFileSync(values.svg, barChart(title, bars));
  }
  return report.goals.every(({ met }) => met) ? 0 : 1;
}

function progress(server: ServerName, one: Trial | Idle): string {
  const { name } = SERVERS[server];
  if ('kilobytes' in one)
    return `${name}: ${one.kilobytes} KB a connection, idle ${(100 * one.cpu).toFixed(2)} % of a core`;
  return (
    `${name}, ${one.rate} deliveries/s: ${one.sustained ? 'sustained' : 'too many'} ` +
    `(${one.delivered}, p99 ${one.latency?.p99 ?? '-'} ms, load ${Math.round(100 * one.generatorCpu)} % of a core)`
  );
}
