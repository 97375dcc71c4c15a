import { above, atLeast, atMost, below, type Goal, goalLines } from '../lib/goals.ts';
import type { Idle } from './idle.ts';
import type { ByServer, Measured } from './rounds.ts';
import { type ServerName, SERVERS } from './servers.ts';
import { COMPARED } from './settings.ts';
import { table } from './table.ts';
import type { Trial } from './trial.ts';

/** Share of a core from which on the load generator itself may be what holds things up. */
const FULL = 0.9;

export interface Best {
  /** Deliveries a second; 0 when none of the rates was sustained. */
  readonly oneTeam: number;
  readonly manyTeams: number;
}

/** What was measured, as ratios and held against the goals. */
export function reportFanout(measured: Measured) {
  const { servers, oneTeam, manyTeams, idle } = measured;
  const best: ByServer<Best> = Object.fromEntries(
    servers.map((name) => [name, { oneTeam: highest(oneTeam[name]), manyTeams: highest(manyTeams[name]) }]),
  );
  const at = (name: ServerName, rate: number): Trial | undefined =>
    oneTeam[name]?.find((trial) => trial.sustained && trial.rate === rate);
  const goals = judge(best, idle, at);
  const lines = [
    'Highest sustained deliveries/s, and memory and CPU of idle connections; beside each, ours to it:',
    ...table(
      [
        '',
        'one team',
        'ours to it',
        'many teams',
        'ours to it',
        'KB/connection',
        'ours to it',
        'idle, % of a core',
      ],
      servers.map((name) => [
        SERVERS[name].name,
        show(best[name]?.oneTeam),
        show(ratio(best.ours?.oneTeam, best[name]?.oneTeam)),
        show(best[name]?.manyTeams),
        show(ratio(best.ours?.manyTeams, best[name]?.manyTeams)),
        show(idle[name]?.kilobytes),
        show(ratio(idle.ours?.kilobytes, idle[name]?.kilobytes)),
        show(percent(idle[name])),
      ]),
    ),
    'From when an event was due to when it was read, ms, and CPU seconds of the server in that time:',
    ...table(
      ['deliveries/s', '', 'p50', 'p99', 'p99.9', 'CPU s', 'of s'],
      COMPARED.flatMap((rate) =>
        servers.map((name) => {
          const trial = at(name, rate);
          const { p50, p99, p999 } = trial?.latency ?? {};
          const figures = [p50, p99, p999, trial?.serverCpu, trial?.seconds];
          const cells = trial === undefined ? ['not reached'] : figures.map(show);
          return [show(rate), SERVERS[name].name, ...cells];
        }),
      ),
    ),
    ...loadLines(measured),
    ...goalLines(goals),
  ];
  return { best, goals, lines };
}

function judge(
  best: ByServer<Best>,
  idle: ByServer<Idle>,
  at: (name: ServerName, rate: number) => Trial | undefined,
): Goal[] {
  const toOurs = (name: ServerName) => ratio(best.ours?.oneTeam, best[name]?.oneTeam);
  const p99Ratio = (name: ServerName, rate: number) =>
    ratio(at('ours', rate)?.latency?.p99, at(name, rate)?.latency?.p99);
  const goals = [
    atLeast("deliveries/s, to tRPC's documented way", 50, toOurs('trpc')),
    atLeast('deliveries/s, to the bare loop', 0.9, toOurs('bare')),
    atMost("p99 at 100,000 deliveries/s, to the bare loop's", 1.2, p99Ratio('bare', 100_000)),
    atMost('KB a connection', 40, idle.ours?.kilobytes),
    below(`% of a core for ${show(idle.ours?.connections)} idle connections`, 3, percent(idle.ours)),
  ];
  if (best.nchan === undefined) return goals;
  const shared = COMPARED.findLast((rate) => at('ours', rate) && at('nchan', rate)) ?? COMPARED[0];
  return [
    ...goals,
    above("deliveries/s, to nginx + Nchan's", 1, toOurs('nchan')),
    below(`p99 at ${show(shared)} deliveries/s, to nginx + Nchan's`, 1, p99Ratio('nchan', shared)),
  ];
}

/** A load generator that is full says nothing about servers. */
function loadLines({ servers, oneTeam, manyTeams }: Measured): string[] {
  const trials = servers.flatMap((name) => [...(oneTeam[name] ?? []), ...(manyTeams[name] ?? [])]);
  const busiest = Math.max(0, ...trials.map(({ generatorCpu }) => generatorCpu));
  const held = servers.filter((name) =>
    [...(oneTeam[name] ?? []), ...(manyTeams[name] ?? [])].some(
      ({ sustained, generatorCpu }) => !sustained && generatorCpu >= FULL,
    ),
  );
  return [
    `The load generator took ${Math.round(100 * busiest)} % of a core at most.`,
    ...(held.length === 0
      ? []
      : [
          `It was full, so these may be able to do more: ${held.map((name) => SERVERS[name].name).join(', ')}.`,
        ]),
  ];
}

function highest(trials: readonly Trial[] = []): number {
  const sustained = trials.filter((trial) => trial.sustained);
  // More than was due is what was due before.
  return Math.max(0, ...sustained.map(({ delivered, rate }) => Math.min(delivered, rate)));
}

function ratio(of: number | undefined, to: number | undefined): number | undefined {
  return of === undefined || to === undefined || to === 0 ? undefined : Number((of / to).toFixed(2));
}

function percent(idle: Idle | undefined): number | undefined {
  return idle && Number((100 * idle.cpu).toFixed(2));
}

function show(value: number | undefined): string {
  return value === undefined ? '-' : value.toLocaleString('en');
}
