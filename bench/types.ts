/** What the types cost the checker: the whole workspace, and the kit's beside the same written by hand. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';

import { median } from './lib/median.ts';
import { type Cost, measureTypes } from './lib/measure-types.ts';
import { type Style, syntheticApp } from './lib/synthetic-app.ts';

const root = join(import.meta.dirname, '..');
const TIMES = 3;
const CHANNELS = [10, 100, 300];
const TABLES = 100;
/** Seconds for the whole workspace, on two cores. */
const GOAL = 20;

interface Comparison {
  readonly channels: number;
  readonly byHand: Cost;
  readonly kit: Cost;
  /** Of the checker's time; of the types made. */
  readonly ratio: { readonly time: number; readonly types: number };
}

/** Ends with 1 when the goal is missed. */
export async function bench(args: readonly string[]): Promise<number> {
  const load = round(loadavg()[0]!);
  const workspace = await medianOf(() => measureTypes(root));
  const comparisons: Comparison[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one at a time, for the cores' sake
  for (const channels of CHANNELS) comparisons.push(await compare(channels));
  const result = {
    bench: 'types',
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    /** What else the machine had to do, before. */
    load,
    times: TIMES,
    goal: { seconds: GOAL, met: workspace.seconds <= GOAL },
    workspace,
    comparisons,
  };
  console.log(report(result));
  if (args.includes('--json')) console.log(JSON.stringify(result));
  return result.goal.met ? 0 : 1;
}

/** The two styles take turns, so that whatever else the machine does meets both. */
async function compare(channels: number): Promise<Comparison> {
  const runs: Record<Style, Cost[]> = { 'by hand': [], kit: [] };
  for (const style of Array.from({ length: TIMES }, () => ['by hand', 'kit'] as const).flat()) {
    // oxlint-disable-next-line no-await-in-loop
    await using app = await syntheticApp({ style, channels, tables: Math.min(channels, TABLES) });
    // oxlint-disable-next-line no-await-in-loop
    runs[style].push(await measureTypes(app.folder));
  }
  const [byHand, kit] = [medianCost(runs['by hand']), medianCost(runs.kit)];
  const ratio = {
    time: round(kit.checkSeconds / byHand.checkSeconds),
    types: round(kit.types / byHand.types),
  };
  return { channels, byHand, kit, ratio };
}

async function medianOf(measure: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  // oxlint-disable-next-line no-await-in-loop
  for (let time = 0; time < TIMES; time++) costs.push(await measure());
  return medianCost(costs);
}

function medianCost(costs: readonly Cost[]): Cost {
  const of = (name: keyof Cost): number => round(median(costs.map((cost) => cost[name])));
  return {
    seconds: of('seconds'),
    checkSeconds: of('checkSeconds'),
    files: of('files'),
    types: of('types'),
    instantiations: of('instantiations'),
    megabytes: of('megabytes'),
  };
}

function report(result: {
  workspace: Cost;
  comparisons: readonly Comparison[];
  goal: { met: boolean };
  load: number;
}): string {
  const { workspace, comparisons, goal, load } = result;
  const lines = comparisons.map(
    ({ channels, byHand, kit, ratio }) =>
      `  ${String(channels).padStart(3)} channels: ${line(kit)}; by hand ${line(byHand)}; ratio ${ratio.time} in time, ${ratio.types} in types`,
  );
  const busy =
    load < 1 ? [] : [`The machine was busy (load ${load}): its seconds say little, the ratios more.`];
  return [
    ...busy,
    `The whole workspace: ${workspace.seconds} s (goal: ${GOAL} s on 2 cores, ${goal.met ? 'met' : 'missed'}), ` +
      `${workspace.files} files, ${workspace.types} types, ${workspace.instantiations} instantiations, ${workspace.megabytes} MB`,
    "The kit's types beside the same written by hand:",
    ...lines,
  ].join('\n');
}

function line(cost: Cost): string {
  return `${cost.checkSeconds} s and ${cost.types} types`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
