import assert from 'node:assert/strict';
import { applyChanges, notStarted, step } from '../index.ts';
import type { Change, Command, FlowElement, InstanceState, ProcessModel } from '../types.ts';

/** Freezes all of a value: whoever writes to it is caught. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

/**
 * Counts every token of a run, from the changes alone. A token is put on a flow (`taken`), comes in by it (`via`), and
 * is then open, or used up where it came in.
 */
export class TokenBook {
  readonly #model: ProcessModel;
  readonly #put = new Map<string, number>();
  readonly #come = new Map<string, number>();
  readonly #elementOf = new Map<number, string>();
  readonly #fired = new Map<string, number>();
  #terminated = false;

  constructor(model: ProcessModel) {
    this.#model = model;
  }

  record(change: Change): void {
    if (change.type === 'enter') {
      assert.ok(!this.#elementOf.has(change.number), `number ${change.number} is used twice`);
      this.#elementOf.set(change.number, change.elementId);
      if (change.via === null) assert.deepEqual([change.number, change.elementId], [1, this.#model.startId]);
      else {
        assert.equal(this.#model.flows[change.via]?.target, change.elementId);
        count(this.#come, change.via);
      }
      if (change.status === 'Completed') this.#leave(change.elementId, change.taken);
      else assert.deepEqual(change.taken, []);
    }
    if (change.type === 'leave') {
      const elementId = this.#elementOf.get(change.number) ?? '';
      if (change.status === 'Completed') this.#leave(elementId, change.taken);
      else assert.deepEqual(change.taken, []);
    }
    if (change.type === 'instance' && change.status === 'Terminated') this.#terminated = true;
  }

  #leave(elementId: string, taken: string[]): void {
    const element = this.#element(elementId);
    for (const flowId of taken) {
      assert.ok(element.outgoing.includes(flowId));
      count(this.#put, flowId);
    }
    assert.equal(new Set(taken).size, taken.length);
    if (element.kind === 'parallel') {
      // A join uses up a token by each flow, and one of them carries on.
      if (taken.length > 0) count(this.#fired, elementId);
      assert.ok([0, element.outgoing.length].includes(taken.length));
    } else if (element.kind === 'exclusive') {
      assert.equal(taken.length, Math.min(1, element.outgoing.length));
    } else {
      assert.equal(taken.length > 0, element.outgoing.length > 0);
    }
  }

  /** Tokens are conserved: none is lost, none comes from nowhere. */
  check(state: InstanceState): void {
    if (this.#terminated || state.status === 'Cancelled') return;
    for (const id of Object.keys(this.#model.flows)) {
      assert.equal(this.#come.get(id) ?? 0, this.#put.get(id) ?? 0, `tokens on ${id}`);
    }
    for (const element of Object.values(this.#model.elements)) {
      if (element.kind !== 'parallel') continue;
      const used = element.incoming.map((id) => (this.#come.get(id) ?? 0) - openBy(state, element.id, id));
      assert.ok(new Set(used).size <= 1, `${element.id} used ${used.join(', ')}`);
      if (element.outgoing.length > 0) assert.equal(used[0] ?? 0, this.#fired.get(element.id) ?? 0);
    }
  }

  #element(id: string): FlowElement {
    const element = this.#model.elements[id];
    if (!element) throw new Error(`no element ${id}`);
    return element;
  }
}

const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);

const openBy = (state: InstanceState, elementId: string, via: string): number =>
  state.open.filter((open) => open.elementId === elementId && open.via === via).length;

/** A run ends or waits: it never stands still without somebody to move it, or a reason. */
export function checkStanding(model: ProcessModel, { status, open, nextNumber }: InstanceState): void {
  const numbers = open.map((each) => each.number);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].toSorted((a, b) => a - b),
  );
  assert.ok(nextNumber > (numbers.at(-1) ?? 0));
  const stuck = open.filter((each) => each.status === 'Incident');
  assert.ok(open.every((each) => (each.incident !== null) === (each.status === 'Incident')));
  assert.equal(['Completed', 'Terminated', 'Cancelled'].includes(status), open.length === 0);
  if (open.length > 0) assert.equal(status, stuck.length > 0 ? 'Incident' : 'Running');
  if (status === 'Running') assert.ok(open.some((each) => each.status === 'Active'));
  for (const { elementId, status: waiting } of open) {
    const element = model.elements[elementId];
    if (waiting !== 'Waiting' || !element) continue;
    const ready = element.incoming.every((id) => openBy({ open } as InstanceState, elementId, id) > 0);
    if (ready) assert.ok(stuck.some((each) => each.elementId === elementId));
  }
}

/** A run in which every step is checked from all sides. */
export class CheckedRun {
  readonly model: ProcessModel;
  state: InstanceState = deepFreeze(notStarted());
  readonly commands: Command[] = [];
  readonly #book: TokenBook;

  constructor(model: ProcessModel) {
    this.model = deepFreeze(model);
    this.#book = new TokenBook(model);
  }

  do(command: Command): boolean {
    const result = step(this.model, this.state, deepFreeze(command));
    const stored = JSON.parse(JSON.stringify([this.model, this.state, command])) as [
      ProcessModel,
      InstanceState,
      Command,
    ];
    assert.deepEqual(step(...stored), result);
    if (!result.ok) return false;
    assert.deepEqual(applyChanges(this.state, result.changes), result.state);
    for (const change of result.changes) this.#book.record(change);
    this.#book.check(result.state);
    checkStanding(this.model, result.state);
    this.state = deepFreeze(result.state);
    this.commands.push(command);
    return true;
  }

  /** The same commands once more give the same state. */
  checkReplay(): void {
    let state = notStarted();
    for (const command of this.commands) {
      const result = step(this.model, state, command);
      if (!result.ok) throw new Error(result.rejection.message);
      state = result.state;
    }
    assert.deepEqual(state, this.state);
  }
}
