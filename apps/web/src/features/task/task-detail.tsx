import { trpc, type Outputs } from '../../trpc.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { DetailSkeleton, ErrorState } from '../../ui/states.tsx';
import { TaskView } from './task-view.tsx';

export type Task = Outputs['task']['get'];

export interface TaskDetailProps {
  teamId: number;
  taskId: number;
  /** It follows a task just completed: its heading takes the focus. */
  takesFocus: boolean;
  /** With the task to go on with; null: there is none. */
  onNext(next: number | null): void;
}

export function TaskDetail(props: TaskDetailProps) {
  const { teamId, taskId } = props;
  const task = trpc.task.get.useQuery({ teamId, id: taskId });
  usePageTitle(task.data?.name ?? 'Task', 'Tasks');
  if (task.isPending) return <DetailSkeleton />;
  // What was loaded before stays, and with it what was entered.
  return (
    <>
      {task.error && <ErrorState error={task.error} retry={() => task.refetch()} />}
      {task.data && <TaskView {...props} task={task.data} />}
    </>
  );
}
