import type { Model } from './pump-model-explore.ts';
import { CANDIDATE, type Protocol, type Pump, type State, type Writer } from './pump-model-state.ts';
import { pumpSteps, writerSteps } from './pump-model-steps.ts';

export interface World {
  /** Writers of one row, and of a statement beyond the ring limit. */
  readonly writers: number;
  readonly large: number;
  readonly crashes: number;
  readonly stops: number;
}

export function pumpModel(protocol: Protocol, world: World): Model<State> {
  const writers = Array.from({ length: world.writers + world.large }, (_, index): Writer => ({
    name: String.fromCodePoint(65 + index),
    large: index >= world.writers,
    step: 0,
    xid: 0,
    shares: false,
    rung: false,
    appended: false,
    end: 'open',
    heard: 0,
  }));
  return {
    initial: {
      writers,
      pumps: [CANDIDATE, CANDIDATE],
      cursor: 0,
      crashes: world.crashes,
      stops: world.stops,
    },
    steps: (state) => [...writerSteps(state, protocol), ...pumpSteps(state, protocol)],
    key: (state) => keyOf(state, protocol),
    fault: (state) =>
      state.writers
        .filter((writer) => writer.heard > 1 || (writer.heard > 0 && writer.end !== 'committed'))
        .map((writer) => `${writer.name}'s event is emitted ${writer.heard} times`)[0],
    duties: writers.map((writer, index) => ({
      name: `${writer.name}'s event is never emitted`,
      due: (state) => state.writers[index]!.end === 'committed',
      done: (state) => state.writers[index]!.heard > 0,
    })),
  };
}

/** The pumps are alike, so it does not matter which is which. */
function keyOf({ writers, pumps, cursor, crashes, stops }: State, protocol: Protocol): string {
  const writer = (w: Writer): string =>
    w.end === 'aborted'
      ? 'x'
      : `${w.step}${Number(w.shares)}${Number(w.rung)}${Number(w.end === 'open')}${w.heard}`;
  const read = (p: Pump): string => {
    if (p.read === undefined) return '';
    // Once the cursor has moved on, it does not matter any more what was read.
    if (protocol.cursor === 'if-it-is-where-it-was' && p.read.from !== cursor)
      return `!${Number(p.read.last)}`;
    return `${p.read.from}-${p.read.to}${Number(p.read.last)}`;
  };
  const pump = (p: Pump): string =>
    `${p.at.slice(0, 2)}${p.step}${p.lock[0]}${Number(p.listens)}${Number(p.told)}${Number(p.stopped)}${p.awaited}.${
      p.owes ?? ''
    }.${read(p)}`;
  // Whose id is the smaller matters only to what a bare snapshot names.
  const order = protocol.sleep.includes('bare-snapshot') ? writers.map(({ xid }) => xid).join('') : '';
  return `${order}${writers.map(writer).join()}|${pumps.map(pump).toSorted().join()}|${cursor}|${crashes}${stops}`;
}
