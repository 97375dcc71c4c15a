import { Badge } from '@mantine/core';
import { IconAlertTriangle, IconBan, IconCheck, IconFlagOff, IconPlayerPlay } from '@tabler/icons-react';
import type { ComponentType } from 'react';

import type { InstanceSummary } from './types.ts';

type Status = InstanceSummary['status'];

const WORDS: Record<Status, { label: string; color: string; Icon: ComponentType<{ size?: number }> }> = {
  Running: { label: 'Running', color: 'indigo', Icon: IconPlayerPlay },
  Incident: { label: 'Stuck', color: 'red', Icon: IconAlertTriangle },
  Completed: { label: 'Completed', color: 'teal', Icon: IconCheck },
  Terminated: { label: 'Ended early', color: 'gray', Icon: IconFlagOff },
  Cancelled: { label: 'Cancelled', color: 'gray', Icon: IconBan },
};

/** For running text about what went wrong: readable on every ground that a list has. */
export const STUCK_INK = 'var(--pf-ink-stuck)';

export function StatusBadge({ status }: { status: Status }) {
  const { label, color, Icon } = WORDS[status];
  return (
    <Badge
      variant="light"
      color={color}
      size="sm"
      tt="none"
      leftSection={<Icon size={12} />}
      style={{ flex: 'none' }}
    >
      {label}
    </Badge>
  );
}

export function isOpen(status: Status): boolean {
  return status === 'Running' || status === 'Incident';
}
