import { IconChecklist } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useState } from 'react';

import { ListDetail } from '../../ui/list-detail.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { TaskDetail } from './task-detail.tsx';
import { TaskList } from './task-list.tsx';
import { useFilter } from './use-filter.ts';

/** The worklist beside the task that is open. */
export function TasksPage() {
  const params = useParams({ strict: false });
  const teamId = Number(params.teamId);
  const taskId = params.taskId === undefined ? null : Number(params.taskId);
  const [filter, setFilter] = useFilter(['mine', 'all'], 'mine');
  const navigate = useNavigate();
  // The task that was opened because the one before it was completed: it takes the focus.
  const [followed, setFollowed] = useState<number | null>(null);

  const openList = useCallback(
    () =>
      void navigate({
        to: '/teams/$teamId/tasks',
        params: { teamId: String(teamId) },
        search: true,
      }),
    [navigate, teamId],
  );
  const follow = (next: number | null) => {
    setFollowed(next);
    if (next === null) return openList();
    void navigate({
      to: '/teams/$teamId/tasks/$taskId',
      params: { teamId: String(teamId), taskId: String(next) },
      search: true,
    });
  };

  return (
    <ListDetail
      open={taskId !== null}
      listLabel="Tasks"
      detailLabel="Task"
      onBack={openList}
      list={<TaskList teamId={teamId} openId={taskId} filter={filter} onFilter={setFilter} />}
      detail={
        taskId === null ? (
          <EmptyState
            icon={<IconChecklist />}
            title="Choose a task"
            text="Its form, what is known so far and its place in the process appear here."
          />
        ) : (
          <TaskDetail
            key={taskId}
            teamId={teamId}
            taskId={taskId}
            takesFocus={followed === taskId}
            onNext={follow}
          />
        )
      }
    />
  );
}
