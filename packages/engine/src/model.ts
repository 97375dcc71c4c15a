import { EngineError } from './errors.ts';
import type { FlowElement, ProcessModel, SequenceFlow } from './types.ts';

/** Own properties only: an id may be `toString`. */
export function elementOf(model: ProcessModel, id: string): FlowElement {
  const element = Object.hasOwn(model.elements, id) ? model.elements[id] : undefined;
  if (!element) throw new EngineError('unknown-element', id);
  return element;
}

export function flowOf(model: ProcessModel, id: string): SequenceFlow {
  const flow = Object.hasOwn(model.flows, id) ? model.flows[id] : undefined;
  if (!flow) throw new EngineError('unknown-flow', id);
  return flow;
}

/** What people call a flow: its name, else where it leads. */
export function flowLabel(model: ProcessModel, flow: SequenceFlow): string {
  return flow.name === null ? `to ${elementLabel(model, flow.target)}` : `“${flow.name}”`;
}

export function elementLabel(model: ProcessModel, id: string): string {
  const { name, kind } = elementOf(model, id);
  if (name !== null) return `“${name}”`;
  return kind === 'exclusive' || kind === 'parallel'
    ? 'a gateway'
    : kind === 'task'
      ? 'a task'
      : `the ${kind}`;
}
