import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconBan } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';

import { trpc } from '../../trpc.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useAct } from '../../ui/mutation.ts';
import { PersonName } from '../../ui/person.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Diagram, marksFromElements, shownVisit } from '../diagram/index.ts';
import { useOthersChanges } from '../task/use-others-changes.ts';
import { useTeam } from '../team/use-team.tsx';
import { IncidentBanner } from './incident-banner.tsx';
import { isOpen, StatusBadge } from './status-badge.tsx';
import { taskAction } from './task-of-step.ts';
import { Timeline } from './timeline.tsx';
import type { Instance } from './types.ts';
import { VariablesCard } from './variables-card.tsx';

/** One run: where it stands, what happened, what is known; live. */
export function InstanceView({ teamId, instance }: { teamId: number; instance: Instance }) {
  const navigate = useNavigate();
  const mayOpenTasks = useTeam().pages.includes('tasks');
  const changes = useOthersChanges({
    teamId,
    shown: (id) => instance.elements.find((element) => element.id === id),
  });
  const marks = useMemo(
    () => marksFromElements(instance.elements, mayOpenTasks ? { actionOf: taskAction } : {}),
    [instance.elements, mayOpenTasks],
  );
  const openTask = (taskId: number) =>
    void navigate({
      to: '/teams/$teamId/tasks/$taskId',
      params: { teamId: String(teamId), taskId: String(taskId) },
      search: { filter: 'all' },
    });
  const openElement = (elementId: string) => {
    const shown = shownVisit(instance.elements.filter((each) => each.elementId === elementId));
    if (shown) openTask(shown.id);
  };

  return (
    <Stack p="lg" gap="lg">
      <Header teamId={teamId} instance={instance} />
      <IncidentBanner teamId={teamId} instance={instance} />
      <Diagram
        xml={instance.model.xml}
        label={`Diagram of ${instance.model.name}`}
        marks={marks}
        takenFlows={instance.takenFlows}
        onSelect={openElement}
      />
      <VariablesCard teamId={teamId} instance={instance} />
      <Timeline elements={instance.elements} changes={changes} onOpen={mayOpenTasks ? openTask : null} />
    </Stack>
  );
}

function Header({ teamId, instance }: { teamId: number; instance: Instance }) {
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <Stack gap={4}>
        <Group gap="sm">
          <Title order={2} style={{ overflowWrap: 'anywhere' }}>
            {instance.model.name}
          </Title>
          <StatusBadge status={instance.status} />
        </Group>
        <Text size="sm" c="dimmed" component="div">
          Version {instance.model.version} · started <RelativeTime at={instance.startedAt} />
          {instance.startedBy && (
            <>
              {' '}
              by <PersonName person={instance.startedBy} />
            </>
          )}
          {instance.endedAt && (
            <>
              {' '}
              · ended <RelativeTime at={instance.endedAt} />
            </>
          )}
        </Text>
      </Stack>
      {isOpen(instance.status) && <CancelButton teamId={teamId} instance={instance} />}
    </Group>
  );
}

function CancelButton({ teamId, instance }: { teamId: number; instance: Instance }) {
  const confirm = useConfirm();
  const utils = trpc.useUtils();
  const cancel = useAct(trpc.instance.cancel.useMutation(), { done: 'Instance cancelled.' });
  const ask = async () => {
    const sure = await confirm({
      title: `Cancel this run of ${instance.model.name}?`,
      text: 'Its open tasks end at once, for everyone. What was done stays in its history. This cannot be undone.',
      confirm: 'Cancel the instance',
      keep: 'Keep it running',
    });
    if (!sure) return;
    await cancel.run({ teamId, id: instance.id });
    await utils.instance.invalidate();
  };
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconBan size={14} aria-hidden />}
      loading={cancel.pending}
      onClick={ask}
    >
      Cancel instance
    </Button>
  );
}
