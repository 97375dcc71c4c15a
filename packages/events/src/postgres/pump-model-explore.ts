/** One thing that may happen. */
export interface Step<State> {
  /** In words, for the trace. */
  readonly what: string;
  readonly next: State;
  /** It happens sooner or later by itself; what is not quiet may as well never happen. */
  readonly quiet: boolean;
}

export interface Model<State> {
  readonly initial: State;
  readonly steps: (state: State) => Step<State>[];
  /** Equal for equal states. */
  readonly key: (state: State) => string;
  /** What is wrong in this very state. */
  readonly fault: (state: State) => string | undefined;
  /** What must come to pass: `due` where it is owed, `done` where it has happened. */
  readonly duties: readonly Duty<State>[];
}

export interface Duty<State> {
  readonly name: string;
  readonly due: (state: State) => boolean;
  readonly done: (state: State) => boolean;
}

export interface Verdict {
  readonly states: number;
  /** Undefined: the model is right. */
  readonly fault: string | undefined;
  /** The shortest way to it. */
  readonly trace: readonly string[];
}

const MOST_STATES = 3_000_000;

/**
 * Visits every state that can be reached, nearest first. A duty holds if, wherever it is due, quiet steps alone can
 * still bring it about: as this is asked of every state, also of those that quiet steps lead to, no order of quiet
 * steps leads where it cannot be done any more.
 */
export function explore<State>(model: Model<State>): Verdict {
  const states: State[] = [model.initial];
  const found = new Map<string, number>([[model.key(model.initial), 0]]);
  const cameFrom: number[] = [-1];
  const cameBy: string[] = [''];
  const quietly: Edges = { from: [], to: [] };
  const traceTo = (index: number): string[] => {
    const trace: string[] = [];
    for (let at = index; at > 0; at = cameFrom[at]!) trace.unshift(cameBy[at]!);
    return trace;
  };

  for (let index = 0; index < states.length; index += 1) {
    const state = states[index]!;
    const fault = model.fault(state);
    if (fault !== undefined) return { states: states.length, fault, trace: traceTo(index) };
    for (const step of model.steps(state)) {
      const key = model.key(step.next);
      let next = found.get(key);
      if (next === undefined) {
        next = states.length;
        if (next === MOST_STATES) throw new RangeError(`More than ${MOST_STATES} states.`);
        found.set(key, next);
        states.push(step.next);
        cameFrom.push(index);
        cameBy.push(step.what);
      }
      if (!step.quiet || next === index) continue;
      quietly.from.push(index);
      quietly.to.push(next);
    }
  }

  const backwards = reverse(quietly, states.length);
  let nearest: { index: number; fault: string } | undefined;
  for (const duty of model.duties) {
    const able = backwardsFrom(states.map(duty.done), backwards);
    const index = states.findIndex((state, at) => able[at] === 0 && duty.due(state));
    if (index !== -1 && (nearest === undefined || index < nearest.index)) {
      nearest = { index, fault: duty.name };
    }
  }
  return {
    states: states.length,
    fault: nearest?.fault,
    trace: nearest === undefined ? [] : traceTo(nearest.index),
  };
}

/** For every state the ones that a step leads from: those of state n at `from[start[n]]` up to `from[start[n + 1]]`. */
interface Backwards {
  readonly start: Uint32Array;
  readonly from: Uint32Array;
}

interface Edges {
  readonly from: number[];
  readonly to: number[];
}

function reverse({ from: sources, to: targets }: Edges, states: number): Backwards {
  const start = new Uint32Array(states + 1);
  for (const to of targets) start[to + 1]! += 1;
  for (let at = 0; at < states; at += 1) start[at + 1]! += start[at]!;
  const free = start.slice();
  const from = new Uint32Array(sources.length);
  for (const [at, to] of targets.entries()) from[free[to]!++] = sources[at]!;
  return { start, from };
}

/** 1 for every state from which one of the given can be reached. */
function backwardsFrom(goal: readonly boolean[], { start, from }: Backwards): Uint8Array {
  const able = Uint8Array.from(goal, Number);
  const todo = goal.flatMap((reached, index) => (reached ? [index] : []));
  for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
    for (let at = start[state]!; at < start[state + 1]!; at += 1) {
      const before = from[at]!;
      if (able[before] === 1) continue;
      able[before] = 1;
      todo.push(before);
    }
  }
  return able;
}
