import type { ModdleElement } from 'bpmn-moddle';
import { child, idOf, is } from './moddle.ts';
import { kindOf, problem } from './problems.ts';
import type { Problem } from './types.ts';

export interface Graph {
  nodes: ModdleElement[];
  /** Flows whose both ends are nodes of this graph, in document order. */
  flows: { element: ModdleElement; source: ModdleElement; target: ModdleElement }[];
}

/** Connects nodes by their flows (not by what nodes say of themselves: many tools leave that out). */
export function connect(
  nodes: ModdleElement[],
  flows: ModdleElement[],
): { graph: Graph; problems: Problem[] } {
  const known = new Set(nodes);
  const graph: Graph = { nodes, flows: [] };
  const problems: Problem[] = [];
  for (const element of flows) {
    const [source, target] = [child(element, 'sourceRef'), child(element, 'targetRef')];
    if (idOf(element) === null)
      problems.push(problem(element, 'missing-id', 'A flow has no id. Save the model again.'));
    if (source && target && known.has(source) && known.has(target))
      graph.flows.push({ element, source, target });
    else
      problems.push(problem(element, 'dangling-flow', danglingReason(source !== null && known.has(source))));
  }
  return { graph, problems };
}

function danglingReason(hasSource: boolean): string {
  return hasSource
    ? 'This flow does not end at a step of this process. Draw it to one, or delete it.'
    : 'This flow does not start at a step of this process. Draw it from one, or delete it.';
}

/** Starts, ends, and steps nothing leads to. */
export function problemsOfGraph(process: ModdleElement, graph: Graph): Problem[] {
  const starts = graph.nodes.filter((node) => is(node, 'bpmn:StartEvent'));
  const problems: Problem[] = [];
  if (starts.length === 0) {
    problems.push(
      problem(process, 'no-start', 'The process has no start event. Draw one and lead it to the first step.'),
    );
  }
  if (starts.length > 1) {
    const reason = `The process has ${starts.length} start events; only one can run. Keep one of them.`;
    for (const start of starts) problems.push(problem(start, 'several-starts', reason));
  }
  for (const { element, source, target } of graph.flows) {
    if (is(target, 'bpmn:StartEvent')) {
      problems.push(
        problem(
          element,
          'misplaced-flow',
          'A flow cannot lead into the start. Lead it to the step after it.',
        ),
      );
    }
    if (is(source, 'bpmn:EndEvent')) {
      problems.push(
        problem(element, 'misplaced-flow', 'A flow cannot leave an end. Use a task, or delete the flow.'),
      );
    }
  }
  const [start] = starts;
  if (start && starts.length === 1) {
    const reached = reach(graph, start);
    const lost = graph.nodes.filter((node) => !reached.has(node) && kindOf(node) !== null);
    const reason = 'Nothing leads here from the start. Draw a flow to it, or delete it.';
    problems.push(...lost.map((node) => problem(node, 'unreachable', reason)));
  }
  return problems;
}

function reach(graph: Graph, start: ModdleElement): Set<ModdleElement> {
  const next = new Map<ModdleElement, ModdleElement[]>();
  const lead = (from: ModdleElement, to: ModdleElement) => {
    const known = next.get(from);
    if (known) known.push(to);
    else next.set(from, [to]);
  };
  for (const { source, target } of graph.flows) lead(source, target);
  for (const node of graph.nodes) {
    // What hangs on a task is reached with it: it is refused for what it is, not for where it is.
    const host = child(node, 'attachedToRef');
    if (host) lead(host, node);
  }
  const reached = new Set([start]);
  for (const node of reached) for (const target of next.get(node) ?? []) reached.add(target);
  return reached;
}
