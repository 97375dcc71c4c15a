import type { ElementKind } from '@processflow/engine';

const unnamed: Record<ElementKind, string> = {
  start: 'Start',
  end: 'End',
  terminate: 'End of everything',
  task: 'Task',
  exclusive: 'Decision',
  parallel: 'Parallel ways',
};

/** What people read for an element; many gateways and events have no name. */
export function labelOf(kind: ElementKind, name: string | null): string {
  return name ?? unnamed[kind];
}
