import { Group, Text, Tooltip } from '@mantine/core';
import { IconArrowsSplit2, IconRobot } from '@tabler/icons-react';

import { ChangedMark, type Mark } from '../../ui/changed-mark.tsx';
import { PersonName } from '../../ui/person.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { RoleTag } from '../../ui/role-tag.tsx';
import type { ItemProps } from '../../ui/use-list-keys.ts';
import { ListRow } from './list-row.tsx';
import type { TaskSummary } from './task-list.tsx';

interface TaskRowProps {
  teamId: number;
  task: TaskSummary;
  open: boolean;
  flash: boolean;
  /** No longer in the list; shown only because the pointer holds it. */
  gone: boolean;
  itemProps: ItemProps;
  mark: Mark | null;
}

export function TaskRow({ teamId, task, open, flash, gone, itemProps, mark }: TaskRowProps) {
  return (
    <ListRow
      link={{
        to: '/teams/$teamId/tasks/$taskId',
        params: { teamId: String(teamId), taskId: String(task.id) },
      }}
      itemProps={itemProps}
      open={open}
      flash={flash}
      title={
        gone ? (
          <Text span inherit td="line-through" c="dimmed">
            {task.name}
          </Text>
        ) : (
          task.name
        )
      }
      aside={<RoleTag role={task.role} />}
    >
      <Group gap={6} c="dimmed" fz="xs">
        {task.decision && <KindIcon label="A decision" icon={<IconArrowsSplit2 size={14} aria-hidden />} />}
        {task.automatic && (
          <KindIcon label="Automatic in the model" icon={<IconRobot size={14} aria-hidden />} />
        )}
        <span>{task.instance.modelName}</span>
        <span aria-hidden>·</span>
        <RelativeTime at={task.startedAt} />
      </Group>
      {task.claimedBy && (
        <Text size="xs" fw={600} c="dimmed">
          taken by <PersonName person={task.claimedBy} />
        </Text>
      )}
      <div>
        <ChangedMark mark={mark} />
      </div>
    </ListRow>
  );
}

function KindIcon({ label, icon }: { label: string; icon: React.ReactNode }) {
  return (
    <Tooltip label={label}>
      <Group component="span" gap={0} role="img" aria-label={label}>
        {icon}
      </Group>
    </Tooltip>
  );
}
