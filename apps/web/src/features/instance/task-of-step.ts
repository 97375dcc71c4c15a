import type { ElementInstance } from './types.ts';

/** What opening a step's task is called; null where no person had anything to do, as at a gateway passed by itself. */
export function taskAction({
  kind,
  status,
  completedBy,
}: Pick<ElementInstance, 'kind' | 'status' | 'completedBy'>): 'Open task' | 'See task' | null {
  if (status === 'Active') return 'Open task';
  const isOver = status === 'Completed' || status === 'Cancelled';
  return isOver && (kind === 'task' || completedBy !== null) ? 'See task' : null;
}
