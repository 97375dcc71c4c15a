import { Badge } from '@mantine/core';
import { IconCheck, IconPencil } from '@tabler/icons-react';

import type { ModelSummary } from './types.ts';

export function ModelBadge({ status }: { status: ModelSummary['status'] }) {
  const deployed = status === 'Deployed';
  return (
    <Badge
      variant="light"
      color={deployed ? 'teal' : 'gray'}
      size="sm"
      tt="none"
      leftSection={deployed ? <IconCheck size={12} /> : <IconPencil size={12} />}
      style={{ flex: 'none' }}
    >
      {status}
    </Badge>
  );
}
