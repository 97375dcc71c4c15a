import { Anchor, Group, Stack, Text, Title } from '@mantine/core';

import { ChangedMark } from '../../ui/changed-mark.tsx';
import { PersonName } from '../../ui/person.tsx';
import { ElapsedTime, RelativeTime } from '../../ui/relative-time.tsx';
import { durationWords } from '../../ui/relative-words.ts';
import { RoleTag } from '../../ui/role-tag.tsx';
import { useHeldList } from '../../ui/use-held-list.ts';
import { MARK_WORDS, STATE_OF, StateDot } from '../diagram/index.ts';
import type { OthersChange } from '../task/use-others-changes.ts';
import { STUCK_INK } from './status-badge.tsx';
import { taskAction } from './task-of-step.ts';
import classes from './timeline.module.css';
import type { ElementInstance } from './types.ts';

interface TimelineProps {
  elements: readonly ElementInstance[];
  changes: readonly OthersChange[];
  /** Opens a step's task, open or done; null: this person has no Tasks page. */
  onOpen: ((taskId: number) => void) | null;
}

const keyOf = (element: ElementInstance) => element.id;

/** What happened, step by step: who, when, how long. */
export function Timeline({ elements, changes, onOpen }: TimelineProps) {
  const held = useHeldList(elements, { keyOf });
  return (
    <Stack component="section" gap="xs" aria-label="Steps">
      <Title order={3}>Steps</Title>
      <ol className={classes.steps} aria-label="Steps so far" {...held.holdProps}>
        {held.rows.map((element) => (
          <Step
            key={element.id}
            element={element}
            flash={held.isFlashing(element.id)}
            change={changes.find((change) => change.taskId === element.id)}
            onOpen={onOpen}
          />
        ))}
      </ol>
    </Stack>
  );
}

interface StepProps {
  element: ElementInstance;
  flash: boolean;
  change: OthersChange | undefined;
  onOpen: ((taskId: number) => void) | null;
}

function Step({ element, flash, change, onOpen }: StepProps) {
  const state = STATE_OF[element.status];
  const { label } = MARK_WORDS[state];
  const passed = element.status === 'Completed' && element.completedBy === null;
  return (
    <li className={classes.step} data-flash={flash || undefined} data-passed={passed || undefined}>
      <StateDot state={state} />
      <Stack gap={2} align="flex-start">
        <Group gap="xs">
          {onOpen && taskAction(element) ? (
            <Anchor component="button" type="button" size="sm" fw={600} onClick={() => onOpen(element.id)}>
              {element.name}
            </Anchor>
          ) : (
            <Text size="sm" fw={passed ? 400 : 600}>
              {element.name}
            </Text>
          )}
          {element.status === 'Active' && <RoleTag role={element.role} />}
        </Group>
        <Text size="xs" c="dimmed" component="div">
          <When element={element} label={label} />
        </Text>
        {element.incident && element.status === 'Incident' && (
          <Text size="xs" c={STUCK_INK}>
            {element.incident.message}
          </Text>
        )}
        <ChangedMark mark={change?.mark ?? null} />
      </Stack>
    </li>
  );
}

function When({ element, label }: { element: ElementInstance; label: string }) {
  const { completedAt, completedBy, claimedBy, startedAt } = element;
  if (completedAt === null) {
    return (
      <>
        {label}
        {claimedBy && (
          <>
            : <PersonName person={claimedBy} />
          </>
        )}{' '}
        for <ElapsedTime since={startedAt} />
      </>
    );
  }
  if (element.status === 'Cancelled') {
    return (
      <>
        Cancelled <RelativeTime at={completedAt} />
      </>
    );
  }
  if (completedBy === null) {
    return (
      <>
        Passed <RelativeTime at={completedAt} />
      </>
    );
  }
  return (
    <>
      <PersonName person={completedBy} /> completed it <RelativeTime at={completedAt} />, after{' '}
      {durationWords(Date.parse(completedAt) - Date.parse(startedAt))}
    </>
  );
}
