import type { FlowElement, SequenceFlow } from './types.ts';

/** A gateway a person must decide at: some way out has no condition, or one that cannot be read. */
export function isDecision(element: FlowElement, flows: Readonly<Record<string, SequenceFlow>>): boolean {
  if (element.kind !== 'exclusive' || element.outgoing.length < 2) return false;
  return element.outgoing.some((id) => id !== element.default && flows[id]?.condition?.kind !== 'readable');
}
