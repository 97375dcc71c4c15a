import type { ModdleElement } from 'bpmn-moddle';
import { child, children, idOf, is, text, unresolved, type Source } from './moddle.ts';
import type { ElementKind, Problem, ProblemCode } from './types.ts';

export function problem(element: ModdleElement | null, code: ProblemCode, reason: string): Problem {
  return { elementId: idOf(element), elementName: text(element, 'name'), code, reason };
}

const KINDS = new Map<string, ElementKind>([
  ['bpmn:StartEvent', 'start'],
  ['bpmn:EndEvent', 'end'],
  ['bpmn:Task', 'task'],
  ['bpmn:UserTask', 'task'],
  ['bpmn:ManualTask', 'task'],
  ['bpmn:ServiceTask', 'task'],
  ['bpmn:ScriptTask', 'task'],
  ['bpmn:BusinessRuleTask', 'task'],
  ['bpmn:SendTask', 'task'],
  ['bpmn:ReceiveTask', 'task'],
  ['bpmn:ExclusiveGateway', 'exclusive'],
  ['bpmn:ParallelGateway', 'parallel'],
]);

/** What the engine takes an element for; null: nothing it can run. */
export function kindOf(element: ModdleElement): ElementKind | null {
  const kind = KINDS.get(element.$type) ?? null;
  const terminates = children(element, 'eventDefinitions').some((d) =>
    is(d, 'bpmn:TerminateEventDefinition'),
  );
  return kind === 'end' && terminates ? 'terminate' : kind;
}

const ADVICE = new Map([
  ['bpmn:SubProcess', 'A sub-process cannot run yet. Draw its steps directly into the process.'],
  ['bpmn:AdHocSubProcess', 'A sub-process cannot run yet. Draw its steps directly into the process.'],
  ['bpmn:Transaction', 'A transaction cannot run yet. Draw its steps directly into the process.'],
  [
    'bpmn:CallActivity',
    'Calling another process cannot run yet. Use a task instead, or draw its steps here.',
  ],
  ['bpmn:InclusiveGateway', 'An inclusive gateway cannot run yet. Use exclusive and parallel gateways.'],
  ['bpmn:ComplexGateway', 'A complex gateway cannot run yet. Use exclusive and parallel gateways.'],
  [
    'bpmn:EventBasedGateway',
    'Waiting for events cannot run yet. Use an exclusive gateway: a person decides.',
  ],
]);

/** Why one flow node cannot run, each reason once. */
export function problemsOfNode(source: Source, node: ModdleElement): Problem[] {
  const problems: Problem[] = [];
  const add = (code: ProblemCode, reason: string) => problems.push(problem(node, code, reason));
  const kind = kindOf(node);
  if (idOf(node) === null)
    add('missing-id', 'It has no id. Save the model once more with the tool that drew it.');
  if (kind === null) {
    if (is(node, 'bpmn:Event')) add('unsupported-event', reasonOfEvent(source, node));
    else
      add('unsupported-element', ADVICE.get(node.$type) ?? `${plainType(node)} cannot run here. Use a task.`);
    return problems;
  }
  const events = eventsOf(source, node);
  const allowed = kind === 'terminate' ? events.length === 1 : events.length === 0;
  if (!allowed) add('unsupported-event', reasonOfEvent(source, node));
  if (child(node, 'loopCharacteristics')) {
    add('unsupported-loop', 'Repeating a task cannot run yet. Draw the loop with an exclusive gateway.');
  }
  if (node['isForCompensation'] === true) {
    add(
      'unsupported-compensation',
      'Undoing a task (compensation) cannot run yet. Remove it or draw it as a step.',
    );
  }
  if ((node['startQuantity'] ?? 1) !== 1 || (node['completionQuantity'] ?? 1) !== 1) {
    add(
      'unsupported-quantity',
      'Start and completion quantities other than 1 cannot run. Use a parallel gateway.',
    );
  }
  if (node['instantiate'] === true) {
    add('unsupported-event', 'Starting a process by a message cannot run yet. Use a plain start event.');
  }
  return problems;
}

function reasonOfEvent(source: Source, event: ModdleElement): string {
  const events = eventsOf(source, event).join(', ');
  const what = events === '' ? '' : ` (${events})`;
  if (is(event, 'bpmn:StartEvent'))
    return `Only a plain start event can run yet${what}. A person starts the process.`;
  if (is(event, 'bpmn:EndEvent'))
    return `Only a plain or a terminating end event can run yet${what}. Use one of them.`;
  if (is(event, 'bpmn:BoundaryEvent')) {
    return `An event on the border of a task${what} cannot run yet. Remove it, or draw the way out behind the task.`;
  }
  return `An event in the middle of the process${what} cannot run yet. Use a task for it.`;
}

/** The events a node waits for or raises, in words: timer, message, ... */
function eventsOf(source: Source, node: ModdleElement): string[] {
  const definitions = [...children(node, 'eventDefinitions'), ...children(node, 'eventDefinitionRef')];
  const words = definitions.map((d) => plainType(d).replace(/ event definition$/u, ''));
  // A reference to a definition that is missing still makes it no plain event.
  return unresolved(source, node, 'eventDefinitionRef') === null ? words : [...words, 'unknown'];
}

/** `bpmn:CallActivity` -> `call activity` */
function plainType(element: ModdleElement): string {
  const name = element.$type.replace(/^.*:/u, '');
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/gu, ' ').toLowerCase();
}
