import { setTimeout as delay } from 'node:timers/promises';

import { startChild } from './child.ts';
import { type Load, startLoad, type Subscribers } from './load.ts';
import type { ServerCommand, ServerConfig, ServerReady, ServerStats } from './protocol.ts';
import { type ServerName, SERVERS } from './servers.ts';

/** Milliseconds. */
export const P99_LIMIT = 250;
/** Of what was due; what is missing is a backlog that grew. */
const DELIVERED_SHARE = 0.98;
const SECOND = 1_000;
const POLL = 250;
/** Seconds behind after which nobody waits for it to catch up. */
const HOPELESS = 2;

export interface TrialOptions extends Subscribers {
  readonly seconds: number;
  readonly warmUp: number;
  readonly pingEvery: number;
  readonly flushEvery: number;
  readonly generators: number;
}

/** One server, started for this, at one rate. */
export interface Trial {
  /** Deliveries a second that were due. */
  readonly rate: number;
  readonly sustained: boolean;
  /** Deliveries a second. */
  readonly delivered: number;
  /** From when an event was due to when it was read, in milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly p999: number } | undefined;
  readonly seconds: number;
  /** Seconds of it in that time. */
  readonly serverCpu: number;
  /** Share of a core that each process of the load generator took. */
  readonly generatorCpu: number;
  /** Connections that ended by themselves. */
  readonly lost: number;
}

export async function measureRate(server: ServerName, rate: number, options: TrialOptions): Promise<Trial> {
  const { connections, teams, generators, warmUp } = options;
  await using child = await startServer(server, options);
  await using load = await startLoad(child.ready, options, generators);
  const publish = (share: number) =>
    child.ask({ do: 'publish', rate: (share * rate * teams) / connections, teams });
  // Half of it first: a program that has just started is slow.
  await publish(0.5);
  let keepsUp = await isKeptUp(load, 0.5 * rate, warmUp);
  await publish(1);
  keepsUp &&= await isKeptUp(load, rate, warmUp / 2);
  const readBoth = () => Promise.all([load.read(true), child.ask<ServerStats>({ do: 'stats' })]);
  const [before, serverBefore] = await readBoth();
  keepsUp &&= await isKeptUp(load, rate, options.seconds);
  const [after, serverAfter] = await readBoth();
  // The server first: what it costs when all leave at once is nobody's question.
  await child[Symbol.asyncDispose]();

  const seconds = (after.at - before.at) / SECOND;
  const delivered = after.delivered - before.delivered;
  const latency = latencyOf(after.latencies);
  // What was due and is not flushed yet is none that is behind.
  const enough = DELIVERED_SHARE * rate * (seconds - (2 * options.flushEvery) / SECOND);
  return {
    rate,
    sustained:
      keepsUp && delivered >= enough && latency !== undefined && latency.p99 <= P99_LIMIT && after.lost === 0,
    delivered: Math.round(delivered / seconds),
    latency,
    seconds: round(seconds),
    // A busy server answers late.
    serverCpu: round(
      (serverAfter.cpu - serverBefore.cpu) * ((seconds * SECOND) / (serverAfter.at - serverBefore.at)),
    ),
    generatorCpu: round((after.cpu - before.cpu) / seconds / generators),
    lost: after.lost,
  };
}

export async function startServer(
  name: ServerName,
  options: Omit<ServerConfig, 'connections'> & Subscribers,
) {
  const { pingEvery, flushEvery, connections } = options;
  return await startChild<ServerReady, ServerCommand>(SERVERS[name].program, {
    pingEvery,
    flushEvery,
    connections,
  } satisfies ServerConfig);
}

/** Waits so many seconds, unless it falls hopelessly behind before they are over. */
async function isKeptUp(load: Load, rate: number, seconds: number): Promise<boolean> {
  const [began, { delivered: before }] = [performance.now(), await load.read()];
  for (;;) {
    const left = seconds * SECOND - (performance.now() - began);
    if (left <= 0) return true;
    // oxlint-disable no-await-in-loop -- until the time is over
    await delay(Math.min(POLL, left));
    const due = (rate * (performance.now() - began)) / SECOND;
    const { delivered } = await load.read();
    // oxlint-enable no-await-in-loop
    if (due - (delivered - before) > HOPELESS * rate) return false;
  }
}

function latencyOf(latencies: Float64Array): Trial['latency'] {
  if (latencies.length === 0) return undefined;
  const sorted = latencies.toSorted();
  const quantile = (share: number): number => round(sorted[Math.ceil(share * sorted.length) - 1]!);
  return { p50: quantile(0.5), p99: quantile(0.99), p999: quantile(0.999) };
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
