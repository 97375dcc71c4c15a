/** A step of a model, for people who read instead of look. */
export interface OutlineStep {
  id: string;
  name: string | null;
  /** `Task`, `Decision`, `Start`, ... */
  kind: string;
}

const KINDS: Record<string, string> = {
  startEvent: 'Start',
  endEvent: 'End',
  task: 'Task',
  userTask: 'Task',
  manualTask: 'Task',
  serviceTask: 'Automatic task',
  scriptTask: 'Automatic task',
  businessRuleTask: 'Automatic task',
  sendTask: 'Automatic task',
  receiveTask: 'Automatic task',
  exclusiveGateway: 'Decision',
  inclusiveGateway: 'Inclusive gateway',
  parallelGateway: 'Parallel gateway',
  eventBasedGateway: 'Event gateway',
  complexGateway: 'Complex gateway',
  subProcess: 'Sub-process',
  adHocSubProcess: 'Sub-process',
  transaction: 'Transaction',
  callActivity: 'Called process',
  intermediateCatchEvent: 'Intermediate event',
  intermediateThrowEvent: 'Intermediate event',
  boundaryEvent: 'Boundary event',
};

/** The model's steps along their flows from the start, the unreachable ones last. Empty for unreadable XML. */
export function outline(xml: string): OutlineStep[] {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  if (document.getElementsByTagName('parsererror').length > 0) return [];
  const steps = new Map<string, OutlineStep>();
  const next = new Map<string, string[]>();
  const starts: string[] = [];
  for (const node of document.getElementsByTagName('*')) {
    const id = node.getAttribute('id');
    const kind = KINDS[node.localName];
    if (id !== null && kind !== undefined) {
      steps.set(id, { id, kind, name: node.getAttribute('name')?.replace(/\s+/g, ' ').trim() || null });
      if (node.localName === 'startEvent') starts.push(id);
    }
    if (node.localName === 'sequenceFlow') {
      const source = node.getAttribute('sourceRef') ?? '';
      next.set(source, [...(next.get(source) ?? []), node.getAttribute('targetRef') ?? '']);
    }
  }
  return inFlowOrder(steps, next, starts);
}

function inFlowOrder(
  steps: Map<string, OutlineStep>,
  next: ReadonlyMap<string, string[]>,
  starts: readonly string[],
): OutlineStep[] {
  const ordered = new Map<string, OutlineStep>();
  const queue = [...starts, ...steps.keys()];
  const reached = new Set<string>();
  const walk = (from: string) => {
    const ahead = [from];
    for (const id of ahead) {
      const step = steps.get(id);
      if (!step || reached.has(id)) continue;
      reached.add(id);
      ordered.set(id, step);
      ahead.push(...(next.get(id) ?? []));
    }
  };
  for (const id of queue) walk(id);
  return [...ordered.values()];
}
