import { applyChange } from './changes.ts';
import { isDecision } from './decisions.ts';
import { MAX_MOVES, MAX_OPEN } from './limits.ts';
import { elementLabel, elementOf, flowLabel, flowOf } from './model.ts';
import type {
  Change,
  FlowElement,
  Incident,
  InstanceState,
  InstanceStatus,
  OpenElement,
  ProcessModel,
} from './types.ts';
import { fieldTypes } from './variables.ts';
import { exclusiveWay, taskWays, type Surroundings, type Ways } from './ways.ts';

/**
 * One command's work: tokens move along flows, first in, first out, until each is where a person must act, where it
 * waits for others, where it is stuck, or gone. What happens is recorded as changes and applied at once.
 */
export class Run {
  readonly changes: Change[] = [];
  readonly #model: ProcessModel;
  readonly #state: InstanceState;
  readonly #types: Surroundings['types'];
  /** Flows with a token on them. */
  readonly #moving: string[] = [];
  #moves = 0;

  constructor(model: ProcessModel, state: InstanceState) {
    this.#model = model;
    this.#state = { ...state, open: [...state.open] };
    this.#types = fieldTypes(model);
  }

  get state(): InstanceState {
    return this.#state;
  }

  get around(): Surroundings {
    return { model: this.#model, variables: this.#state.variables, types: this.#types };
  }

  emit(change: Change): void {
    this.changes.push(change);
    applyChange(this.#state, change);
  }

  start(): void {
    this.#enter(this.#model.startId, null, 'Completed', elementOf(this.#model, this.#model.startId).outgoing);
  }

  /** A person has done a task. */
  finishTask(open: OpenElement, choice: readonly string[]): void {
    this.#go(open, taskWays(this.around, elementOf(this.#model, open.elementId), choice));
  }

  /** A person has decided at a gateway. */
  decide(open: OpenElement, flowId: string): void {
    this.#go(open, { ok: true, taken: [flowId] });
  }

  /** Something stuck tries again. */
  retry(open: OpenElement): void {
    const element = elementOf(this.#model, open.elementId);
    if (element.kind === 'task') this.finishTask(open, open.incident?.choice ?? []);
    else if (element.kind === 'exclusive') this.#go(open, this.#pass(element));
    else this.#fire(element, open);
  }

  /** Moves every token as far as it goes, then says what has become of the instance. */
  settle(): void {
    for (let flowId = this.#moving.shift(); flowId !== undefined; flowId = this.#moving.shift()) {
      this.#arrive(flowId);
    }
    const { open } = this.#state;
    if (open.length > 0 && open.every((element) => element.status === 'Waiting')) this.#deadlock();
    if (this.#state.status !== 'Terminated') this.setStatus(this.#statusOf());
  }

  setStatus(status: InstanceStatus): void {
    if (status !== this.#state.status) this.emit({ type: 'instance', status });
  }

  cancelOpen(): void {
    for (const number of this.#state.open.map((open) => open.number)) {
      this.emit({ type: 'leave', number, status: 'Cancelled', taken: [] });
    }
  }

  #statusOf(): InstanceStatus {
    const { open } = this.#state;
    if (open.length === 0) return 'Completed';
    return open.some((element) => element.status === 'Incident') ? 'Incident' : 'Running';
  }

  #arrive(flowId: string): void {
    const element = elementOf(this.#model, flowOf(this.#model, flowId).target);
    switch (element.kind) {
      case 'task':
        return this.#enter(element.id, flowId, 'Active');
      case 'parallel':
        return this.#arriveAtParallel(element, flowId);
      case 'exclusive': {
        if (isDecision(element, this.#model.flows)) return this.#enter(element.id, flowId, 'Active');
        const ways = this.#pass(element);
        if (ways.ok) return this.#enter(element.id, flowId, 'Completed', ways.taken);
        return this.#enter(element.id, flowId, 'Incident', [], ways.incident);
      }
      case 'terminate':
        this.#enter(element.id, flowId, 'Completed');
        this.#moving.length = 0;
        this.cancelOpen();
        return this.setStatus('Terminated');
      default:
        return this.#enter(element.id, flowId, 'Completed');
    }
  }

  #arriveAtParallel(element: FlowElement, flowId: string): void {
    const here = this.#at(element);
    const others = element.incoming.filter((id) => id !== flowId);
    if (!others.every((id) => here.some((token) => token.via === id))) {
      return this.#enter(element.id, flowId, 'Waiting');
    }
    // One stuck token stands for the whole join: the rest waits behind it and moves on with its retry.
    if (here.some((token) => token.status === 'Incident')) return this.#enter(element.id, flowId, 'Waiting');
    if (!this.#mayMove()) return this.#enter(element.id, flowId, 'Incident', [], this.#endless(element));
    for (const id of others) this.#leaveFirst(here, id, []);
    this.#enter(element.id, flowId, 'Completed', element.outgoing);
  }

  /** A stuck join tries again, and as often as the tokens behind it allow. */
  #fire(element: FlowElement, stuck: OpenElement): void {
    const here = this.#at(element);
    const [first, ...others] = element.incoming;
    if (first === undefined || !element.incoming.every((id) => here.some((token) => token.via === id)))
      return;
    if (!this.#mayMove()) {
      return this.emit({ type: 'incident', number: stuck.number, incident: this.#endless(element) });
    }
    for (const id of others) this.#leaveFirst(here, id, []);
    this.#leaveFirst(here, first, element.outgoing);
    const next = this.#at(element).find((token) => token.status === 'Waiting');
    if (next) this.#fire(element, next);
  }

  #at(element: FlowElement): OpenElement[] {
    return this.#state.open.filter((open) => open.elementId === element.id);
  }

  #leaveFirst(tokens: OpenElement[], via: string, taken: string[]): void {
    const oldest = tokens.find((token) => token.via === via);
    if (oldest) this.#leave(oldest.number, taken);
  }

  #pass(element: FlowElement): Ways {
    if (!this.#mayMove()) return { ok: false, incident: this.#endless(element) };
    return exclusiveWay(this.around, element);
  }

  #mayMove(): boolean {
    if (this.#moves >= MAX_MOVES || this.#state.open.length + this.#moving.length >= MAX_OPEN) return false;
    this.#moves += 1;
    return true;
  }

  #go(open: OpenElement, ways: Ways): void {
    if (ways.ok) this.#leave(open.number, ways.taken);
    else this.emit({ type: 'incident', number: open.number, incident: ways.incident });
  }

  #enter(
    elementId: string,
    via: string | null,
    status: OpenElement['status'] | 'Completed',
    taken: string[] = [],
    incident: Incident | null = null,
  ): void {
    const number = this.#state.nextNumber;
    this.emit({ type: 'enter', number, elementId, status, via, incident, taken });
    this.#moving.push(...taken);
  }

  #leave(number: number, taken: string[]): void {
    this.emit({ type: 'leave', number, status: 'Completed', taken });
    this.#moving.push(...taken);
  }

  #endless(element: FlowElement): Incident {
    const where = elementLabel(this.#model, element.id);
    const message =
      `The process turns in circles at ${where} without a task in between. Correct the variables and try again, ` +
      'or cancel the instance and put a task into the loop.';
    return { code: 'endless-loop', flowId: null, message };
  }

  #deadlock(): void {
    for (const { number, elementId } of this.#state.open) {
      const element = elementOf(this.#model, elementId);
      const here = this.#at(element);
      const missing = element.incoming.find((id) => !here.some((token) => token.via === id)) ?? null;
      const flow = missing === null ? null : flowOf(this.#model, missing);
      const way =
        flow === null
          ? ''
          : ` from ${elementLabel(this.#model, flow.source)} (${flowLabel(this.#model, flow)})`;
      const message =
        `${elementLabel(this.#model, elementId)} waits for a way${way} on which nothing can come any more. ` +
        'Cancel the instance and correct the model: what an exclusive gateway splits, an exclusive gateway joins.';
      this.emit({ type: 'incident', number, incident: { code: 'deadlock', flowId: missing, message } });
    }
  }
}
