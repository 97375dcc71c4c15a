import { Stack, Text, Title } from '@mantine/core';
import { useMemo } from 'react';

import { TextLink } from '../../ui/links.tsx';
import { PersonName } from '../../ui/person.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Diagram, type Mark } from '../diagram/index.ts';
import { VariableTable } from '../instance/variable-table.tsx';
import { useTeam } from '../team/use-team.tsx';
import type { Task } from './task-detail.tsx';

/** Where the task stands: what is known so far, and its place in the process. */
export function TaskContext({ teamId, task }: { teamId: number; task: Task }) {
  const marks = useMemo<Mark[]>(
    () => [
      {
        elementId: task.elementId,
        state: 'here',
        who: null,
        since: null,
        detail: null,
        times: 1,
        action: null,
      },
    ],
    [task.elementId],
  );
  return (
    <Stack gap="md">
      <Stack gap="xs" component="section" aria-label="Known so far">
        <Title order={3}>Known so far</Title>
        {Object.keys(task.variables).length === 0 ? (
          <Text size="sm" c="dimmed">
            Nothing has been entered in this process yet.
          </Text>
        ) : (
          <VariableTable variables={task.variables} />
        )}
      </Stack>
      <Stack gap="xs" component="section" aria-label="Place in the process">
        <Title order={3}>
          Place in <InstanceLink teamId={teamId} task={task} />
        </Title>
        <Text size="sm" c="dimmed" component="div">
          Started by <PersonName person={task.instance.startedBy} />{' '}
          <RelativeTime at={task.instance.startedAt} />
        </Text>
        <Diagram
          xml={task.xml}
          label={`Diagram of ${task.instance.modelName}, ${task.name} marked`}
          marks={marks}
          selected={task.elementId}
          height={340}
          legend={false}
        />
      </Stack>
    </Stack>
  );
}

/** The process the task belongs to; a link for those who may open it. */
export function InstanceLink({ teamId, task }: { teamId: number; task: Task }) {
  const mayOpen = useTeam().pages.includes('instances');
  const name = task.instance.modelName;
  if (!mayOpen) return <span>{name}</span>;
  return (
    <TextLink
      inherit
      to="/teams/$teamId/instances/$instanceId"
      params={{ teamId: String(teamId), instanceId: String(task.instance.id) }}
    >
      {name}
    </TextLink>
  );
}
