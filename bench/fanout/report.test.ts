import { expect, test } from 'vitest';

import { barChart } from './chart.ts';
import { reportFanout } from './report.ts';
import type { Measured } from './rounds.ts';
import { checkFileLimit } from './settings.ts';
import type { Trial } from './trial.ts';

function trial(rate: number, p99: number, more: Partial<Trial> = {}): Trial {
  const latency = { p50: 1, p99, p999: 2 * p99 };
  const cost = { seconds: 10, serverCpu: 5, generatorCpu: 0.5, lost: 0 };
  return { rate, sustained: true, delivered: rate, latency, ...cost, ...more };
}

const idle = { connections: 10_000, kilobytes: 30, cpu: 0.02, bytes: 40 };

const measured: Measured = {
  servers: ['trpc', 'ours', 'bare'],
  oneTeam: {
    trpc: [trial(10_000, 100), trial(100_000, 900, { sustained: false })],
    ours: [trial(10_000, 5), trial(100_000, 12), trial(800_000, 40)],
    bare: [trial(10_000, 5), trial(100_000, 10), trial(800_000, 40)],
  },
  manyTeams: { trpc: [trial(10_000, 9)], ours: [trial(80_000, 9)], bare: [trial(80_000, 9)] },
  idle: { trpc: { ...idle, kilobytes: 200 }, ours: idle, bare: idle },
};

const judged = (of: Measured) =>
  reportFanout(of).goals.map(({ name, measured: value, met }) => [name, value, met]);

test('goals are ratios of what was sustained', () => {
  expect(judged(measured)).toEqual([
    ["deliveries/s, to tRPC's documented way", 80, true],
    ['deliveries/s, to the bare loop', 1, true],
    ["p99 at 100,000 deliveries/s, to the bare loop's", 1.2, true],
    ['KB a connection', 30, true],
    ['% of a core for 10,000 idle connections', 2, true],
  ]);
});

test('a rate that was not reached misses its goal', () => {
  const slow = { ...measured, oneTeam: { ...measured.oneTeam, ours: [trial(10_000, 5)] } };
  expect(judged(slow).slice(0, 3)).toEqual([
    ["deliveries/s, to tRPC's documented way", 1, false],
    ['deliveries/s, to the bare loop', 0.01, false],
    ["p99 at 100,000 deliveries/s, to the bare loop's", undefined, false],
  ]);
});

test('Nchan, where it is installed, is to be behind at the highest rate that both reach', () => {
  const beside: Measured = {
    ...measured,
    servers: [...measured.servers, 'nchan'],
    oneTeam: { ...measured.oneTeam, nchan: [trial(10_000, 4), trial(100_000, 30)] },
    manyTeams: { ...measured.manyTeams, nchan: [trial(20_000, 9)] },
    idle: { ...measured.idle, nchan: idle },
  };
  expect(judged(beside).slice(-2)).toEqual([
    ["deliveries/s, to nginx + Nchan's", 8, true],
    ["p99 at 100,000 deliveries/s, to nginx + Nchan's", 0.4, true],
  ]);
});

test('a load generator that was full is said to be', () => {
  const full = trial(1_600_000, 900, { sustained: false, generatorCpu: 0.99 });
  const bare = [...measured.oneTeam.bare!, full];
  expect(reportFanout({ ...measured, oneTeam: { ...measured.oneTeam, bare } }).lines).toContain(
    'It was full, so these may be able to do more: bare node:http loop.',
  );
});

test('too few open files are refused with the numbers', () => {
  expect(() => checkFileLimit(10_000, 1_024)).toThrow(/10200 open files .* allows 1024/);
  expect(() => checkFileLimit(10_000, 10_200)).not.toThrow();
});

test('the chart shows every figure', () => {
  const chart = barChart('Deliveries', [
    { name: 'a & b', value: 800_000 },
    { name: 'c', value: 0 },
  ]);
  expect(chart).toContain('>a &#38; b<');
  expect(chart).toContain('>800,000<');
});
