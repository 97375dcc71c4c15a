import { Badge, Divider, Group, Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef } from 'react';

import { ChangedMark } from '../../ui/changed-mark.tsx';
import { ElapsedTime, RelativeTime } from '../../ui/relative-time.tsx';
import { RoleTag } from '../../ui/role-tag.tsx';
import { ClaimBar } from './claim-bar.tsx';
import { draftText, initialDraft } from './form-draft.ts';
import { InstanceLink, TaskContext } from './task-context.tsx';
import type { Task, TaskDetailProps } from './task-detail.tsx';
import { TaskForm } from './task-form.tsx';
import { CompletedBanner, TakenBanner } from './task-banners.tsx';
import { useClaim } from './use-claim.ts';
import { useComplete } from './use-complete.ts';
import { useDraft } from './use-draft.ts';
import { useOthersChanges } from './use-others-changes.ts';

export function TaskView({ teamId, task, takesFocus, onNext }: TaskDetailProps & { task: Task }) {
  const draft = useDraft(task.id);
  const claim = useClaim(teamId, task);
  const complete = useComplete(teamId, task, { onCompleted: draft.drop, onNext });
  const changes = useOthersChanges({ teamId, shown: (id) => (id === task.id ? task : undefined) });
  const released = changes.find((change) => change.what === 'released' && task.claimedBy === null);
  const form = draft.entered ?? initialDraft(task.fields, task.variables);
  const copy = () => draftText(task.fields, task.choice, form);
  const open = task.status === 'Active';

  return (
    <Stack p="lg" gap="md" maw={900}>
      <Heading task={task} teamId={teamId} takesFocus={takesFocus} />
      {/* Taking and completing have banners of their own. */}
      {released && <ChangedMark mark={released.mark} />}
      {!open && (
        <CompletedBanner
          task={task}
          // One's own completion can be heard of before it is answered.
          hasEntries={draft.entered !== null && !complete.pending}
          entries={copy}
          onDiscard={draft.drop}
        />
      )}
      {open && claim.others && <TakenBanner task={task} hasEntries={draft.entered !== null} entries={copy} />}
      {open && (
        <>
          <ClaimBar task={task} claim={claim} />
          <TaskForm
            task={task}
            form={form}
            kept={draft.kept}
            closed={closedBecause(task, claim.others)}
            pending={complete.pending}
            error={complete.error}
            onChange={(next) => {
              complete.clear();
              draft.change(next);
            }}
            onComplete={complete.run}
          />
        </>
      )}
      <Divider />
      <TaskContext teamId={teamId} task={task} />
    </Stack>
  );
}

function closedBecause(task: Task, takenByOther: boolean): string | null {
  if (!task.mayAct) return `Only ${task.role?.name ?? 'members'} may do this task. You can read it.`;
  return takenByOther ? 'Someone else is at it.' : null;
}

interface HeadingProps {
  task: Task;
  teamId: number;
  takesFocus: boolean;
}

function Heading({ task, teamId, takesFocus }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);
  return (
    <Stack gap={6}>
      <Group gap="sm">
        <Title order={2} ref={heading} tabIndex={-1} style={{ outline: 'none', overflowWrap: 'anywhere' }}>
          {task.name}
        </Title>
        <RoleTag role={task.role} />
        {task.decision && (
          <Badge variant="outline" tt="none">
            Decision
          </Badge>
        )}
      </Group>
      <Group gap={6} c="dimmed" fz="sm">
        <InstanceLink teamId={teamId} task={task} />
        <span aria-hidden>·</span>
        {task.completedAt === null ? (
          <span>
            waiting for <ElapsedTime since={task.startedAt} />
          </span>
        ) : (
          <span>
            came <RelativeTime at={task.startedAt} />
          </span>
        )}
      </Group>
      {task.documentation && (
        <Text size="sm" style={{ whiteSpace: 'pre-line' }}>
          {task.documentation}
        </Text>
      )}
    </Stack>
  );
}
