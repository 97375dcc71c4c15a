import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';

import { trpc } from '../../trpc.ts';
import { useAct } from '../../ui/mutation.ts';
import { ElapsedTime } from '../../ui/relative-time.tsx';
import type { Instance } from './types.ts';

/** Why it is stuck, what to do, and the button that tries again. */
export function IncidentBanner({ teamId, instance }: { teamId: number; instance: Instance }) {
  const utils = trpc.useUtils();
  const retry = useAct(trpc.instance.retry.useMutation());
  const stuck = instance.elements.filter((element) => element.status === 'Incident');
  if (stuck.length === 0) return null;
  const run = async () => {
    await retry.run({ teamId, id: instance.id });
    await utils.instance.invalidate();
  };
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="This instance is stuck" role="alert">
      <Stack gap="sm">
        <List size="sm" spacing={4}>
          {stuck.map((element) => (
            <List.Item key={element.id}>
              <b>{element.name}</b>: {element.incident?.message}{' '}
              <Text span inherit c="dimmed">
                (for <ElapsedTime since={element.startedAt} />)
              </Text>
            </List.Item>
          ))}
        </List>
        <Group gap="sm">
          <Button size="xs" color="red.9" loading={retry.pending} onClick={run}>
            Retry
          </Button>
          <Text size="sm">Correct the values below if they are the reason, then retry.</Text>
        </Group>
      </Stack>
    </Alert>
  );
}
