import { Button, Group, SegmentedControl, Text, Title, VisuallyHidden } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

import { trpc, type Outputs } from '../../trpc.ts';
import { useAnnounce } from '../../ui/announcer.tsx';
import { ChangedMark } from '../../ui/changed-mark.tsx';
import { HeldChanges } from '../../ui/held-changes.tsx';
import { useMe } from '../../ui/me.tsx';
import { EmptyState, ErrorState, ListSkeleton } from '../../ui/states.tsx';
import { useHeldList } from '../../ui/use-held-list.ts';
import { useListKeys } from '../../ui/use-list-keys.ts';
import classes from './list-row.module.css';
import { TaskRow } from './task-row.tsx';
import { useOthersChanges } from './use-others-changes.ts';

export type TaskFilter = 'mine' | 'all';
export type TaskSummary = Outputs['task']['list'][number];

interface TaskListProps {
  teamId: number;
  openId: number | null;
  filter: TaskFilter;
  onFilter(filter: TaskFilter): void;
}

const keyOf = (task: TaskSummary) => task.id;
/** The server answers with no more. */
const MOST_TASKS = 500;

/** The worklist: what there is to do, oldest first, as it changes. */
export function TaskList({ teamId, openId, filter, onFilter }: TaskListProps) {
  const tasks = trpc.task.list.useQuery({ teamId, filter });
  return (
    <>
      <div className={classes.head}>
        <Group justify="space-between" wrap="nowrap">
          <Title order={1}>Tasks</Title>
          <SegmentedControl
            size="xs"
            aria-label="Which tasks"
            value={filter}
            onChange={(value) => onFilter(value === 'all' ? 'all' : 'mine')}
            data={[
              { value: 'mine', label: 'Mine' },
              { value: 'all', label: 'All' },
            ]}
          />
        </Group>
      </div>
      {tasks.error && <ErrorState error={tasks.error} retry={() => tasks.refetch()} />}
      {tasks.isPending && !tasks.error && <ListSkeleton rows={6} />}
      {tasks.data && (
        <Rows
          teamId={teamId}
          openId={openId}
          filter={filter}
          tasks={tasks.data}
          onShowAll={() => onFilter('all')}
        />
      )}
    </>
  );
}

interface RowsProps {
  teamId: number;
  openId: number | null;
  filter: TaskFilter;
  tasks: readonly TaskSummary[];
  onShowAll(): void;
}

function Rows({ teamId, openId, filter, tasks, onShowAll }: RowsProps) {
  const navigate = useNavigate();
  const me = useMe();
  // One's own click has shown itself already: only what others do flashes.
  const print = (task: TaskSummary) =>
    JSON.stringify([task.name, task.role, task.claimedBy?.id === me?.id ? null : task.claimedBy]);
  const held = useHeldList(tasks, { keyOf, print, scope: `${teamId}/${filter}` });
  const keys = useListKeys({
    ids: held.rows.map(keyOf),
    openId,
    noun: 'task',
    onOpen: (taskId) =>
      void navigate({
        to: '/teams/$teamId/tasks/$taskId',
        params: { teamId: String(teamId), taskId: String(taskId) },
        search: true,
      }),
  });
  const nameOf = useNames(tasks);
  const changes = useOthersChanges({
    teamId,
    shown: (id) => tasks.find((task) => task.id === id),
    label: (id) => nameOf(id) ?? null,
  });
  const gone = changes.find(
    (change) => change.what === 'completed' && !held.rows.some((task) => task.id === change.taskId),
  );
  useAnnounceNew(tasks, filter);

  return (
    <>
      <Group px="md" py={gone ? 4 : 0}>
        <ChangedMark mark={gone?.mark ?? null} />
      </Group>
      <div {...held.holdProps}>
        <HeldChanges waiting={held.waiting} onShow={held.release} />
        <ul className={classes.rows} aria-label="Tasks" {...keys.listProps}>
          {held.rows.map((task) => (
            <TaskRow
              key={task.id}
              teamId={teamId}
              task={task}
              open={task.id === openId}
              flash={held.isFlashing(task.id)}
              gone={!tasks.some((each) => each.id === task.id)}
              itemProps={keys.itemProps(task.id)}
              mark={changes.find((change) => change.taskId === task.id)?.mark ?? null}
            />
          ))}
        </ul>
      </div>
      {tasks.length >= MOST_TASKS && (
        <Text size="sm" c="dimmed" p="md">
          Only the oldest {MOST_TASKS} tasks are shown. As these are done, the others follow.
        </Text>
      )}
      {held.rows.length === 0 && <NoTasks filter={filter} onShowAll={onShowAll} />}
      <VisuallyHidden>
        <Text>{held.rows.length === 1 ? '1 task' : `${held.rows.length} tasks`}</Text>
      </VisuallyHidden>
    </>
  );
}

function NoTasks({ filter, onShowAll }: { filter: TaskFilter; onShowAll(): void }) {
  return filter === 'mine' ? (
    <EmptyState
      icon={<IconChecklist />}
      title="Nothing waits for you"
      text="Tasks for your roles appear here by themselves, as soon as a process reaches them."
      action={
        <Button size="xs" variant="default" onClick={onShowAll}>
          Show all tasks
        </Button>
      }
    />
  ) : (
    <EmptyState
      icon={<IconChecklist />}
      title="No open tasks"
      text="When someone starts a process, its tasks appear here."
    />
  );
}

/** Names tasks, also those that have just left the list. */
function useNames(tasks: readonly TaskSummary[]): (id: number) => string | undefined {
  const names = useRef(new Map<number, string>());
  useEffect(() => {
    const now = tasks.map((task) => [task.id, `“${task.name}”`] as const);
    names.current = new Map([...[...names.current].slice(-100), ...now]);
  }, [tasks]);
  return (id) => names.current.get(id);
}

/** Tells people who do not see the screen that there is something new to do. */
function useAnnounceNew(tasks: readonly TaskSummary[], scope: string): void {
  const announce = useAnnounce();
  const known = useRef<{ scope: string; ids: ReadonlySet<number> } | null>(null);
  useEffect(() => {
    const before = known.current;
    known.current = { scope, ids: new Set(tasks.map(keyOf)) };
    if (before?.scope !== scope) return;
    const fresh = tasks.filter((task) => !before.ids.has(task.id));
    if (fresh.length === 1) announce(`New task: ${fresh[0]?.name}`);
    else if (fresh.length > 1) announce(`${fresh.length} new tasks`);
  }, [tasks, scope, announce]);
}
