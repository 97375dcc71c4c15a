import type { Step } from './pump-model-explore.ts';
import {
  CANDIDATE,
  type Protocol,
  type Pump,
  type PumpStep,
  type State,
  type Writer,
} from './pump-model-state.ts';

const withWriter = (state: State, index: number, change: Partial<Writer>): State => ({
  ...state,
  writers: state.writers.with(index, { ...state.writers[index]!, ...change }),
});

export function writerSteps(state: State, protocol: Protocol): Step<State>[] {
  const nextXid = Math.max(...state.writers.map(({ xid }) => xid)) + 1;
  const masked = state.pumps.some((pump) => pump.lock !== 'none');
  return state.writers.flatMap((writer, index): Step<State>[] => {
    const step = (what: string, change: Partial<Writer>, quiet = false): Step<State> => ({
      what: `writer ${writer.name} ${what}`,
      next: withWriter(state, index, change),
      quiet,
    });
    if (writer.end !== 'open') {
      return writer.shares ? [step('lets go of the doorbell', { shares: false }, true)] : [];
    }
    const steps = writer.step === 0 ? [] : [step('rolls back', { end: 'aborted', shares: false })];
    const next = protocol.writer[writer.step];
    const on = { step: writer.step + 1 };
    if (next === undefined) steps.push(commit(state, index));
    else if (next === 'take-xid') steps.push(step('takes a transaction id', { ...on, xid: nextXid }));
    else if (next === 'append')
      steps.push(step('appends', { ...on, xid: writer.xid || nextXid, appended: true }));
    else if (writer.large) steps.push(step('is too large to ring', on));
    else if (masked) steps.push(step('finds the doorbell masked', on));
    else steps.push(step('will ring', { ...on, shares: true, rung: true }));
    return steps;
  });
}

function commit(state: State, index: number): Step<State> {
  const writer = state.writers[index]!;
  const what = writer.large ? 'says "read"' : writer.rung ? 'rings' : 'does not ring';
  const next = withWriter(state, index, { end: 'committed', heard: writer.heard + Number(writer.rung) });
  return {
    what: `writer ${writer.name} commits and ${what}`,
    next: writer.large
      ? { ...next, pumps: next.pumps.map((pump) => (pump.listens ? { ...pump, told: true } : pump)) }
      : next,
    quiet: false,
  };
}

const bits = (state: State, which: (writer: Writer) => boolean): number =>
  state.writers.reduce((mask, writer, index) => (which(writer) ? mask | (1 << index) : mask), 0);
const ended = (state: State): number => bits(state, (writer) => writer.end !== 'open');
const inProgress = (state: State): number => bits(state, (writer) => writer.xid > 0 && writer.end === 'open');

export function pumpSteps(state: State, protocol: Protocol): Step<State>[] {
  return state.pumps.flatMap((pump, index): Step<State>[] => {
    const to = (
      what: string,
      change: Partial<Pump>,
      quiet = true,
      world: Partial<State> = {},
    ): Step<State> => {
      const base = { ...state, ...world };
      return {
        what: `pump ${index + 1} ${what}`,
        next: { ...base, pumps: base.pumps.with(index, { ...pump, ...change }) },
        quiet,
      };
    };
    if (pump.at === 'candidate') {
      const free = state.pumps.every(({ at }) => at === 'candidate' || at === 'deposed');
      return free ? [to('is elected', enter('taking-over', protocol.takeOver, 'asleep'))] : [];
    }
    const steps: Step<State>[] = [];
    if (state.crashes > 0) steps.push(to('crashes', CANDIDATE, false, { crashes: state.crashes - 1 }));
    const locked = bits(state, (writer) => writer.shares) > 0 || state.pumps.some((p) => p.lock === 'held');
    if (pump.lock === 'queued' && !locked) steps.push(to('is given the lock', { lock: 'held' }));
    if (pump.stopped) {
      steps.push(to('goes on', { stopped: false }, false));
      if (protocol.lease && pump.at !== 'deposed') {
        steps.push(to('loses its lease', { ...CANDIDATE, at: 'deposed', stopped: true, read: pump.read }));
      }
      return steps;
    }
    if (state.stops > 0 && pump.at !== 'deposed') {
      steps.push(to('is stopped', { stopped: true }, false, { stops: state.stops - 1 }));
    }
    return [...steps, ...running(state, pump, protocol, to)];
  });
}

type To = (what: string, change: Partial<Pump>, quiet?: boolean, world?: Partial<State>) => Step<State>;

function running(state: State, pump: Pump, protocol: Protocol, to: To): Step<State>[] {
  const steps: Step<State>[] = [];
  if (pump.owes !== undefined) {
    return [...steps, to('moves the cursor', { owes: undefined }, true, { cursor: pump.owes })];
  }
  if (pump.at === 'asleep') {
    if (pump.read !== undefined) return [...steps, emit(state, pump, protocol, to, {})];
    if (pump.told) steps.push(read(state, to));
    return [...steps, to('wakes', enter('waking', protocol.wake, 'awake'), false)];
  }
  if (pump.at === 'awake' || pump.at === 'deposed') {
    if (pump.read !== undefined) steps.push(emit(state, pump, protocol, to, {}));
    else if (state.cursor !== ended(state)) steps.push(read(state, to));
    const leaves =
      pump.at === 'awake'
        ? to('goes to sleep', enter('going-to-sleep', protocol.sleep, 'asleep'))
        : to('notices that its lease is gone', CANDIDATE);
    return pump.at === 'awake' && pump.read !== undefined ? steps : [...steps, leaves];
  }
  return [...steps, ...programmed(state, pump, protocol, to)];
}

/** The first step of a program; an empty one is done already. */
const enter = (at: Pump['at'], program: readonly PumpStep[], then: Pump['at']): Partial<Pump> => ({
  at: program.length === 0 ? then : at,
  step: 0,
});

function programmed(state: State, pump: Pump, protocol: Protocol, to: To): Step<State>[] {
  const [program, then] =
    pump.at === 'taking-over'
      ? ([protocol.takeOver, 'asleep'] as const)
      : pump.at === 'waking'
        ? ([protocol.wake, 'awake'] as const)
        : ([protocol.sleep, 'asleep'] as const);
  const done: Partial<Pump> =
    pump.step + 1 < program.length ? { step: pump.step + 1 } : { at: then, step: 0, awaited: 0 };
  const op = program[pump.step]!;
  switch (op) {
    case 'listen':
      return [to('listens', { ...done, listens: true })];
    case 'queue':
      return [to('queues for the lock', { ...done, lock: 'queued' })];
    case 'await-lock':
      return pump.lock === 'held' ? [to('begins to poll', done)] : [];
    case 'unlock':
      return [to('lets go of the lock', { ...done, lock: 'none' })];
    case 'snapshot':
      return [to('notes who is in progress', { ...done, awaited: inProgress(state) })];
    case 'bare-snapshot': {
      const largest = Math.max(0, ...state.writers.map(({ xid, end }) => (end === 'open' ? 0 : xid)));
      const named = bits(state, ({ xid, end }) => xid > 0 && xid < largest && end === 'open');
      return [to('notes whom a snapshot names', { ...done, awaited: named })];
    }
    case 'wait-until-ended':
      return (pump.awaited & inProgress(state)) === 0 ? [to('sees that they have ended', done)] : [];
    case 'read':
      return pump.read === undefined ? [read(state, to)] : [emit(state, pump, protocol, to, done)];
    case 'poll-until-ended':
      if (pump.read === undefined) return [read(state, to, (pump.awaited & inProgress(state)) === 0)];
      return [emit(state, pump, protocol, to, pump.read.last ? done : {})];
  }
}

/** `last`: its own snapshot shows that all who were awaited have ended. */
const read = (state: State, to: To, last = false): Step<State> =>
  to('reads', { told: false, read: { from: state.cursor, to: ended(state), last } });

function emit(state: State, pump: Pump, protocol: Protocol, to: To, then: Partial<Pump>): Step<State> {
  const { from, to: upTo } = pump.read!;
  const change = { ...then, read: undefined };
  if (protocol.cursor === 'if-it-is-where-it-was' && state.cursor !== from) {
    const again = protocol.readsAgain ? { read: undefined, told: pump.at === 'asleep' } : change;
    return to('emits nothing: another one moved the cursor', again);
  }
  const writers = state.writers.map((writer, index) => {
    const emits = (upTo & ~from & (1 << index)) !== 0 && writer.end === 'committed' && !writer.rung;
    return emits ? { ...writer, heard: writer.heard + 1 } : writer;
  });
  const names = writers.flatMap((writer, at) => (writer === state.writers[at] ? [] : [writer.name]));
  const what = names.length === 0 ? 'emits nothing' : `emits ${names.join(' and ')}`;
  if (protocol.cursor === 'in-a-second-transaction')
    return to(what, { ...change, owes: upTo }, true, { writers });
  return to(what, change, true, { writers, cursor: upTo });
}
