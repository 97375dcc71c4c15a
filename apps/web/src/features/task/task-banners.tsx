import { Alert, Button, CopyButton, Group, Stack, Text } from '@mantine/core';
import { IconBan, IconCheck, IconCopy, IconUserCheck } from '@tabler/icons-react';

import { PersonName } from '../../ui/person.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import type { Task } from './task-detail.tsx';

interface EntriesProps {
  hasEntries: boolean;
  /** What was entered, as text. */
  entries(): string;
}

/** Someone else is at it: who, since when, and that nothing entered is lost. */
export function TakenBanner({ task, hasEntries, entries }: EntriesProps & { task: Task }) {
  return (
    <Alert color="orange" icon={<IconUserCheck aria-hidden />} role="status">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          <b>
            <PersonName person={task.claimedBy} /> took this{' '}
            {task.claimedAt && <RelativeTime at={task.claimedAt} />}
          </b>
          {hasEntries ? '; your entries are kept.' : '.'}
        </Text>
        {hasEntries && <CopyEntries entries={entries} />}
      </Group>
    </Alert>
  );
}

/** It is over: who did it and when, and what became of one's own entries. */
export function CompletedBanner({
  task,
  hasEntries,
  entries,
  onDiscard,
}: EntriesProps & { task: Task; onDiscard(): void }) {
  const completed = task.status === 'Completed';
  return (
    <Alert
      color={completed ? 'teal' : 'gray'}
      icon={completed ? <IconCheck aria-hidden /> : <IconBan aria-hidden />}
      role="status"
    >
      <Stack gap="xs">
        <Text size="sm" fw={600}>
          {completed ? (
            <>
              <PersonName person={task.completedBy} /> completed this{' '}
            </>
          ) : (
            'This task was cancelled '
          )}
          {task.completedAt && <RelativeTime at={task.completedAt} />}
        </Text>
        {hasEntries && (
          <Group justify="space-between" gap="xs">
            <Text size="sm">Your entries were not sent. They are kept here until you discard them.</Text>
            <Group gap="xs">
              <CopyEntries entries={entries} />
              <Button size="compact-sm" variant="subtle" color="gray" onClick={onDiscard}>
                Discard entries
              </Button>
            </Group>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

function CopyEntries({ entries }: { entries(): string }) {
  return (
    <CopyButton value={entries()}>
      {({ copied, copy }) => (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconCopy size={14} aria-hidden />}
          onClick={copy}
        >
          {copied ? 'Copied' : 'Copy entries'}
        </Button>
      )}
    </CopyButton>
  );
}
