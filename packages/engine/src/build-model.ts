import type { ModdleElement } from 'bpmn-moddle';
import { readCondition } from './conditions.ts';
import { isDecision } from './decisions.ts';
import type { Comparison } from './feel.ts';
import { outputsOf, typeOf, type Output } from './fields.ts';
import type { Graph } from './graph.ts';
import { child, children, conditionOf, idOf, is, text, type Source } from './moddle.ts';
import { laneNames, performerOf } from './performers.ts';
import { kindOf } from './problems.ts';
import type { Field, FieldType, FlowElement, ProcessModel, SequenceFlow } from './types.ts';

const AUTOMATIC = new Set([
  'bpmn:ServiceTask',
  'bpmn:ScriptTask',
  'bpmn:BusinessRuleTask',
  'bpmn:SendTask',
  'bpmn:ReceiveTask',
]);

/** Makes the model of a graph that has no problems. */
export function buildModel(
  source: Source,
  process: ModdleElement,
  name: string | null,
  graph: Graph,
): ProcessModel {
  const outputs = new Map(graph.nodes.map((node) => [node, outputsOf(source, node)]));
  const known = knownNames(source, process, [...outputs.values()].flat());
  const comparisons: Comparison[] = [];
  const mentioned = new Set<string>();

  const flows = graph.flows.map(({ element, source: from, target }): [string, SequenceFlow] => {
    const flowName = text(element, 'name');
    const expression = child(element, 'conditionExpression');
    const read = expression && readCondition(conditionOf(element), known, flowName);
    const condition = read?.condition ?? null;
    if (read) comparisons.push(...read.comparisons);
    if (condition?.kind === 'readable') for (const each of condition.names) mentioned.add(each.variable);
    return [
      need(element),
      { id: need(element), name: flowName, source: need(from), target: need(target), condition },
    ];
  });
  // Object.fromEntries makes own properties even of ids such as `__proto__`, which assignment would not.
  const flowsById = Object.fromEntries(flows);

  const outgoingOf = Map.groupBy(flows, ([, flow]) => flow.source);
  const incomingOf = Map.groupBy(flows, ([, flow]) => flow.target);
  const idsOf = (some: typeof flows | undefined) => (some ?? []).map(([flowId]) => flowId);
  const compared = Map.groupBy(comparisons, ({ variable }) => variable);
  const lanes = laneNames(process);
  const elements = graph.nodes.map((node): [string, FlowElement] => {
    const id = need(node);
    const outgoing = idsOf(outgoingOf.get(id));
    const defaultId = idOf(child(node, 'default'));
    const element: FlowElement = {
      id,
      kind: kindOf(node) ?? 'task',
      bpmnType: node.$type,
      name: text(node, 'name'),
      automatic: AUTOMATIC.has(node.$type),
      documentation: documentationOf(node),
      incoming: idsOf(incomingOf.get(id)),
      outgoing,
      default: defaultId !== null && outgoing.includes(defaultId) ? defaultId : null,
      performer: null,
      fields: fieldsOf(outputs.get(node) ?? [], mentioned, compared),
    };
    const isDone = element.kind === 'task' || isDecision(element, flowsById);
    return [id, isDone ? { ...element, performer: performerOf(node, lanes) } : element];
  });
  const startId = elements.find(([, element]) => element.kind === 'start')?.[0] ?? '';
  return {
    processId: idOf(process) ?? '',
    name,
    startId,
    elements: Object.fromEntries(elements),
    flows: flowsById,
  };
}

/** Ids were checked before: a node or flow without one is a problem. */
const need = (element: ModdleElement): string => idOf(element) ?? '';

function knownNames(source: Source, process: ModdleElement, outputs: Output[]): Map<string, Set<FieldType>> {
  const known = new Map<string, Set<FieldType>>();
  const add = (name: string | null, type: FieldType | null) => {
    if (name === null) return;
    const types = known.get(name) ?? new Set();
    known.set(name, type === null ? types : types.add(type));
  };
  for (const { name, objectName, type } of outputs) {
    add(name, type);
    add(objectName, type);
  }
  for (const element of [...children(process, 'flowElements'), ...children(process, 'properties')]) {
    const isData = ['bpmn:DataObject', 'bpmn:DataObjectReference', 'bpmn:Property'].some((type) =>
      is(element, type),
    );
    if (isData) add(text(element, 'name'), typeOf(source, element));
  }
  return known;
}

function fieldsOf(
  outputs: Output[],
  mentioned: ReadonlySet<string>,
  comparisons: ReadonlyMap<string, Comparison[]>,
): Field[] {
  return outputs.map(({ objectName, options: offered = [], ...field }) => {
    const isObjects = objectName !== null && mentioned.has(objectName) && !mentioned.has(field.name);
    const name = isObjects ? objectName : field.name;
    const compared = comparisons.get(name) ?? [];
    const options = [...new Set([...offered, ...compared.map((c) => c.text)])];
    return field.type === 'text' && options.length > 0 ? { ...field, name, options } : { ...field, name };
  });
}

function documentationOf(node: ModdleElement): string | null {
  const texts = children(node, 'documentation').map((part) => part['text']);
  return (
    texts
      .filter((part): part is string => typeof part === 'string')
      .join('\n\n')
      .trim() || null
  );
}
