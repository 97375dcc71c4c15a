import type { ModdleElement } from 'bpmn-moddle';
import { child, children, fold, hasLocalName, text, vendorAttribute, vendorElements } from './moddle.ts';
import type { ProcessModel } from './types.ts';

/** Lane names by flow node; the innermost lane that has a name. */
export function laneNames(process: ModdleElement): Map<ModdleElement, string> {
  const names = new Map<ModdleElement, string>();
  const visit = (laneSet: ModdleElement | null, outer: string | null, depth: number) => {
    if (depth > MAX_LANE_DEPTH) return;
    for (const lane of children(laneSet, 'lanes')) {
      const name = text(lane, 'name') ?? outer;
      if (name !== null) for (const node of children(lane, 'flowNodeRef')) names.set(node, name);
      visit(child(lane, 'childLaneSet'), name, depth + 1);
    }
  };
  for (const laneSet of children(process, 'laneSets')) visit(laneSet, null, 0);
  return names;
}

const MAX_LANE_DEPTH = 50;

/** Who the model names for a task: a potential owner, else a candidate group, else the lane. */
export function performerOf(node: ModdleElement, lanes: ReadonlyMap<ModdleElement, string>): string | null {
  return potentialOwner(node) ?? candidateGroup(node) ?? lanes.get(node) ?? null;
}

function potentialOwner(node: ModdleElement): string | null {
  const owners = children(node, 'resources').filter((role) => hasLocalName(role, 'PotentialOwner'));
  for (const owner of owners) {
    const expression = child(child(owner, 'resourceAssignmentExpression'), 'expression');
    const name = text(child(owner, 'resourceRef'), 'name') ?? plainGroup(text(expression, 'body'));
    if (name !== null) return name;
  }
  return null;
}

/** `candidateGroups="a,b"` of Camunda, Flowable and Activiti; Zeebe's `assignmentDefinition`. The first one. */
function candidateGroup(node: ModdleElement): string | null {
  const zeebe = vendorElements(node, 'assignmentDefinition')[0] ?? null;
  return plainGroup(vendorAttribute(node, 'candidateGroups')) ?? plainGroup(text(zeebe, 'candidateGroups'));
}

/** The first group that is a name: not an expression that only another engine could evaluate. */
function plainGroup(groups: string | null): string | null {
  if (groups === null) return null;
  const literals = groups.startsWith('=')
    ? [...groups.matchAll(/"([^"]*)"/gu)].map((match) => match[1] ?? '')
    : null;
  for (const part of literals ?? groups.split(',')) {
    if (/^\s*user\(/u.test(part) || /[$#]\{/u.test(part)) continue;
    const name = fold(part.replace(/^\s*group\((.*)\)\s*$/u, '$1'));
    if (name !== null) return name;
  }
  return null;
}

/** Every name the model gives to who does something, with the elements that name it; in document order. */
export function performers(model: ProcessModel): { name: string; elementIds: string[] }[] {
  const byName = new Map<string, string[]>();
  for (const { performer, id } of Object.values(model.elements)) {
    if (performer === null) continue;
    const known = byName.get(performer);
    if (known) known.push(id);
    else byName.set(performer, [id]);
  }
  return [...byName].map(([name, elementIds]) => ({ name, elementIds }));
}
