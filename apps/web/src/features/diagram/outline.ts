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

export interface Outline {
  /** Along the flows from the start, the unreachable ones last; none for unreadable XML. */
  steps: OutlineStep[];
  /** How large the model is drawn; null when it is not. */
  size: { width: number; height: number } | null;
}

/** What can be told of a model without drawing it. */
export function outline(xml: string): Outline {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  if (document.getElementsByTagName('parsererror').length > 0) return { steps: [], size: null };
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
  return { steps: inFlowOrder(steps, next, starts), size: sizeOf(document) };
}

function sizeOf(document: Document): Outline['size'] {
  const boxes = [...document.getElementsByTagName('*')]
    .filter((node) => node.localName === 'Bounds')
    .map((node) => {
      const [x = 0, y = 0, width = 0, height = 0] = ['x', 'y', 'width', 'height'].map((name) =>
        Number(node.getAttribute(name)),
      );
      return { left: x, top: y, right: x + width, bottom: y + height };
    })
    .filter((box) => Object.values(box).every(Number.isFinite));
  if (boxes.length === 0) return null;
  const width = Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left));
  const height = Math.max(...boxes.map((box) => box.bottom)) - Math.min(...boxes.map((box) => box.top));
  return width > 0 && height > 0 ? { width, height } : null;
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
