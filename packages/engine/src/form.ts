import { isDecision } from './decisions.ts';
import { elementOf, flowOf } from './model.ts';
import type { ProcessModel, SequenceFlow, TaskChoice, TaskForm } from './types.ts';

/**
 * What a person is asked at an open element: data, and which way to go on where the model does not say it readably.
 *
 * @throws EngineError for an id the model does not have
 */
export function taskForm(model: ProcessModel, elementId: string): TaskForm {
  const element = elementOf(model, elementId);
  return {
    fields: element.fields,
    choice: choiceAt(model, elementId),
    automatic: element.automatic,
    decision: isDecision(element, model.flows),
  };
}

/** The flows a person may choose among at this element; null when there is nothing to choose. */
export function choiceAt(model: ProcessModel, elementId: string): TaskChoice | null {
  const element = elementOf(model, elementId);
  const flows = element.outgoing.map((id) => flowOf(model, id));
  if (isDecision(element, model.flows))
    return { mode: 'one', required: true, flows: flows.map(offer(model)) };
  if (element.kind !== 'task') return null;
  const isChosen = (flow: SequenceFlow) =>
    flow.id !== element.default && flow.condition?.kind === 'unreadable';
  const offered = flows.filter(isChosen);
  if (offered.length === 0) return null;
  // The default counts as another way too: it is taken when nothing else is.
  return { mode: 'any', required: offered.length === flows.length, flows: offered.map(offer(model)) };
}

const offer = (model: ProcessModel) => (flow: SequenceFlow) => ({
  id: flow.id,
  name: flow.name,
  targetName: nextName(model, flow.target, new Set()),
  source: flow.condition === null || flow.condition.source === '' ? null : flow.condition.source,
});

/** Where a way leads, in the model's own names: a gateway without one, which only passes on, is looked through. */
function nextName(model: ProcessModel, elementId: string, seen: Set<string>): string | null {
  const { name, kind, outgoing } = elementOf(model, elementId);
  if (name !== null || seen.has(elementId)) return name;
  seen.add(elementId);
  if (outgoing.length === 0) return 'the end';
  if (kind !== 'exclusive' && kind !== 'parallel') return null;
  const names = outgoing.map((id) => nextName(model, flowOf(model, id).target, seen));
  const known = [...new Set(names.filter((each) => each !== null))];
  return known.length === 0 ? null : known.join(kind === 'parallel' ? ' and ' : ' or ');
}
