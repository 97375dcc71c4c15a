import { Group, Progress, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';

import { ChangedMark, type Mark } from '../../ui/changed-mark.tsx';
import { PersonName } from '../../ui/person.tsx';
import { ElapsedTime, RelativeTime } from '../../ui/relative-time.tsx';
import type { ItemProps } from '../../ui/use-list-keys.ts';
import { ListRow } from '../task/list-row.tsx';
import { isOpen, STUCK_INK, StatusBadge } from './status-badge.tsx';
import type { InstanceSummary } from './types.ts';

interface InstanceRowProps {
  teamId: number;
  instance: InstanceSummary;
  open: boolean;
  flash: boolean;
  itemProps: ItemProps;
  mark: Mark | null;
}

export function InstanceRow({ teamId, instance, open, flash, itemProps, mark }: InstanceRowProps) {
  const { id, done, total, waitingFor, incident } = instance;
  const running = isOpen(instance.status);
  return (
    <ListRow
      link={{
        to: '/teams/$teamId/instances/$instanceId',
        params: { teamId: String(teamId), instanceId: String(id) },
      }}
      itemProps={itemProps}
      open={open}
      flash={flash}
      title={instance.modelName}
      aside={<StatusBadge status={instance.status} />}
    >
      <Group gap={6} c="dimmed" fz="xs">
        <span>started</span>
        <RelativeTime at={instance.startedAt} />
        {instance.startedBy && (
          <span>
            by <PersonName person={instance.startedBy} />
          </span>
        )}
        {instance.endedAt && (
          <span>
            · ended <RelativeTime at={instance.endedAt} />
          </span>
        )}
      </Group>
      {running && total > 0 && (
        <Group gap="xs" wrap="nowrap">
          <Progress
            value={(done / total) * 100}
            size="sm"
            style={{ flex: 1 }}
            aria-label={`${done} of ${total} tasks done`}
          />
          <Text size="xs" c="dimmed">
            {done}/{total}
          </Text>
        </Group>
      )}
      {incident !== null && (
        <Group gap={6} wrap="nowrap" align="flex-start" c={STUCK_INK} fz="xs">
          <IconAlertTriangle size={14} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
          <Text span inherit lineClamp={2}>
            {incident}
          </Text>
        </Group>
      )}
      {waitingFor.slice(0, 3).map((waiting) => (
        <Text key={waiting.taskId} size="xs">
          {waiting.name}
          <Text span inherit c="dimmed">
            {' '}
            waits for{' '}
            {waiting.claimedBy ? (
              <PersonName person={waiting.claimedBy} />
            ) : (
              (waiting.role?.name ?? 'every member')
            )}{' '}
            · <ElapsedTime since={waiting.since} />
          </Text>
        </Text>
      ))}
      {waitingFor.length > 3 && (
        <Text size="xs" c="dimmed">
          and {waitingFor.length - 3} more
        </Text>
      )}
      <div>
        <ChangedMark mark={mark} />
      </div>
    </ListRow>
  );
}
