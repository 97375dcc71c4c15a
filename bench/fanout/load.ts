import { type Child, startChild } from './child.ts';
import type { GeneratorCommand, GeneratorStats, ServerReady } from './protocol.ts';

const PROGRAM = new URL('./generator.ts', import.meta.url);
/** Connections that are timed, of all. */
const SAMPLES = 50;

export interface Subscribers {
  readonly connections: number;
  readonly teams: number;
}

export interface Load extends AsyncDisposable {
  /** Sums of all processes. With `take`, the latencies since they were taken last. */
  read(take?: boolean): Promise<GeneratorStats>;
}

/** Subscribes so many connections from so many processes; resolves when all were answered. */
export async function startLoad(
  { port, path }: ServerReady,
  { connections, teams }: Subscribers,
  processes: number,
): Promise<Load> {
  await using started = new AsyncDisposableStack();
  const generators: Child<unknown, GeneratorCommand>[] = [];
  for (let number = 0; number < processes; number += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each is disposed of when a later one does not start
    generators.push(started.use(await startChild(PROGRAM)));
  }
  const share = (number: number): number => Math.floor((connections * number) / processes);
  const sampleEvery = Math.max(1, Math.floor(connections / SAMPLES));
  await Promise.all(
    generators.map((generator, number) =>
      generator.ask({
        do: 'open',
        port,
        path,
        teams,
        from: share(number),
        to: share(number + 1),
        sampleEvery,
      }),
    ),
  );
  const all = started.move();
  return {
    async read(take = false) {
      const stats = await Promise.all(
        generators.map((generator) => generator.ask<GeneratorStats>({ do: 'read', take })),
      );
      const sum = (of: (one: GeneratorStats) => number): number =>
        stats.reduce((total, one) => total + of(one), 0);
      return {
        at: sum(({ at }) => at) / processes,
        delivered: sum(({ delivered }) => delivered),
        bytes: sum(({ bytes }) => bytes),
        lost: sum(({ lost }) => lost),
        cpu: sum(({ cpu }) => cpu),
        latencies: Float64Array.from(stats.flatMap(({ latencies }) => [...latencies])),
      };
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
