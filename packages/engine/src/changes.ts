import { EngineError } from './errors.ts';
import type { Change, InstanceState, OpenElement } from './types.ts';

/** The state of an instance that has not been started. */
export function notStarted(): InstanceState {
  return { status: 'Running', variables: {}, nextNumber: 1, open: [] };
}

/** The state after these changes; the state given stays as it is. */
export function applyChanges(state: InstanceState, changes: readonly Change[]): InstanceState {
  const next = { ...state, open: [...state.open] };
  for (const change of changes) applyChange(next, change);
  return next;
}

/** Applies one change to a state that is ours alone; its elements are replaced, never written to. */
export function applyChange(state: InstanceState, change: Change): void {
  switch (change.type) {
    case 'enter': {
      const { number, elementId, status, via, incident } = change;
      state.nextNumber = number + 1;
      if (status !== 'Completed') state.open.push({ number, elementId, status, via, incident });
      return;
    }
    case 'leave':
      state.open.splice(indexOf(state.open, change.number), 1);
      return;
    case 'incident': {
      const index = indexOf(state.open, change.number);
      const element = state.open[index];
      if (element) state.open[index] = { ...element, status: 'Incident', incident: change.incident };
      return;
    }
    case 'variables':
      state.variables = change.variables;
      return;
    case 'instance':
      state.status = change.status;
  }
}

/** `open` ascends by number, so halving finds it even among thousands. */
function indexOf(open: OpenElement[], number: number): number {
  let [low, high] = [0, open.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((open[middle]?.number ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  if (open[low]?.number !== number) throw new EngineError('unknown-number', number);
  return low;
}
