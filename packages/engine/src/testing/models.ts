import { expect } from 'vitest';
import { notStarted, readModel, step } from '../index.ts';
import type {
  Change,
  Command,
  InstanceState,
  Problem,
  ProcessModel,
  Rejection,
  Variables,
} from '../types.ts';

const NAMESPACES = [
  'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"',
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
  'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"',
  'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"',
].join(' ');

export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** A file with one process of this content, and `rest` beside the process. */
export function bpmn(content: string, rest = ''): string {
  return `<definitions ${NAMESPACES} id="definitions"><process id="p">${content}</process>${rest}</definitions>`;
}

/** A flow with the id `a-b`. */
export function flow(source: string, target: string, condition?: string, name = ''): string {
  const expression =
    condition === undefined
      ? ''
      : `<conditionExpression xsi:type="tFormalExpression">${escape(condition)}</conditionExpression>`;
  const ends = `sourceRef="${source}" targetRef="${target}"`;
  return `<sequenceFlow id="${source}-${target}" name="${escape(name)}" ${ends}>${expression}</sequenceFlow>`;
}

export const start = '<startEvent id="s"/>';
export const end = (id = 'e'): string => `<endEvent id="${id}"/>`;
export const task = (id: string, inside = '', attributes = ''): string =>
  `<userTask id="${id}" name="Task ${id}" ${attributes}>${inside}</userTask>`;
export const exclusive = (id: string, defaultFlow?: string): string =>
  `<exclusiveGateway id="${id}"${defaultFlow === undefined ? '' : ` default="${defaultFlow}"`}/>`;
export const parallel = (id: string): string => `<parallelGateway id="${id}"/>`;
export const terminate = (id: string): string =>
  `<endEvent id="${id}"><terminateEventDefinition/></endEvent>`;

/** Data outputs `name: type`. */
export function outputs(fields: Record<string, string>): string {
  const each = Object.entries(fields).map(
    ([name, type]) =>
      `<dataOutput id="out_${`${name}_${type}`.replaceAll(/\W/gu, '_')}" name="${name}" itemSubjectRef="${type}"/>`,
  );
  return `<ioSpecification>${each.join('')}</ioSpecification>`;
}

/** A start, this one element `x`, and an end. */
export const between = (element: string): string[] => [start, element, end(), flow('s', 'x'), flow('x', 'e')];

export async function modelOf(...content: string[]): Promise<ProcessModel> {
  const { model, problems } = await readModel(bpmn(content.join('')));
  expect(problems).toEqual([]);
  if (!model) throw new Error('a model without problems was expected');
  return model;
}

export async function problemsOf(...content: string[]): Promise<Problem[]> {
  const { model, problems } = await readModel(bpmn(content.join('')));
  expect(model === null).toBe(problems.length > 0);
  return problems;
}

/** Runs one instance, refusing to go on silently after a rejection. */
export class Instance {
  readonly model: ProcessModel;
  state: InstanceState = notStarted();
  readonly history: Change[] = [];

  constructor(model: ProcessModel) {
    this.model = model;
  }

  static begin(model: ProcessModel, variables: Variables = {}): Instance {
    return new Instance(model).do({ type: 'start', variables });
  }

  do(command: Command): this {
    const result = step(this.model, this.state, command);
    if (!result.ok) throw new Error(`${result.rejection.code}: ${result.rejection.message}`);
    this.state = result.state;
    this.history.push(...result.changes);
    return this;
  }

  rejection(command: Command): Rejection {
    const result = step(this.model, this.state, command);
    if (result.ok) throw new Error('a rejection was expected');
    return result.rejection;
  }

  /** The number of the oldest open element of this id that is active. */
  active(elementId: string): number {
    const open = this.state.open.find((o) => o.elementId === elementId && o.status === 'Active');
    if (!open) throw new Error(`${elementId} is not active, but ${this.open.join(', ')}`);
    return open.number;
  }

  complete(elementId: string, data: Variables = {}, choice: string[] = []): this {
    return this.do({ type: 'complete', number: this.active(elementId), data, choice });
  }

  set(set: Variables, unset: string[] = []): this {
    return this.do({ type: 'set-variables', set, unset });
  }

  retry(): this {
    return this.do({ type: 'retry' });
  }

  /** Ids of what is open, with the status where it is not `Active`. */
  get open(): string[] {
    return this.state.open.map(({ elementId, status }) =>
      status === 'Active' ? elementId : `${elementId} ${status}`,
    );
  }

  /** Ids of ends reached. */
  get ends(): string[] {
    const entered = this.history
      .filter((change) => change.type === 'enter')
      .map((change) => change.elementId);
    return entered.filter((id) => ['end', 'terminate'].includes(this.model.elements[id]?.kind ?? ''));
  }

  get incident(): { code: string; flowId: string | null; message: string } {
    const incident = this.state.open.find((open) => open.incident !== null)?.incident;
    if (!incident) throw new Error('nothing is stuck');
    return incident;
  }
}
