import { Group, Stack, Text, UnstyledButton } from '@mantine/core';

import { ElapsedTime } from '../../ui/relative-time.tsx';
import classes from './diagram.module.css';
import { MARK_WORDS } from './mark-words.tsx';
import type { Mark } from './marks.ts';
import type { OutlineStep } from './outline.ts';
import { StateDot } from './state-dot.tsx';

interface StepListProps {
  steps: readonly OutlineStep[];
  marks: readonly Mark[];
  selected: string | null;
  onSelect: ((elementId: string) => void) | undefined;
}

/** The diagram in words: every step with its state. */
export function StepList({ steps, marks, selected, onSelect }: StepListProps) {
  const markOf = new Map(marks.map((mark) => [mark.elementId, mark]));
  return (
    <Stack component="ol" gap={0} className={classes.steps} aria-label="Steps of the model">
      {steps.map((step) => (
        <Step
          key={step.id}
          step={step}
          mark={markOf.get(step.id)}
          selected={selected === step.id}
          onSelect={onSelect}
        />
      ))}
    </Stack>
  );
}

interface StepProps {
  step: OutlineStep;
  mark: Mark | undefined;
  selected: boolean;
  onSelect: ((elementId: string) => void) | undefined;
}

function Step({ step, mark, selected, onSelect }: StepProps) {
  const words = mark && MARK_WORDS[mark.state];
  const select = mark?.action ? onSelect : undefined;
  const title = (
    <Text size="sm" fw={500}>
      {step.name ?? step.kind}
    </Text>
  );
  return (
    <li className={classes.step} data-selected={selected || undefined}>
      <StateDot state={mark?.state ?? null} />
      <div>
        {select ? (
          <UnstyledButton
            aria-label={`${mark?.action}: ${step.name ?? step.kind}`}
            onClick={() => select(step.id)}
          >
            {title}
          </UnstyledButton>
        ) : (
          title
        )}
        <Group gap={6}>
          <Text size="xs" c="dimmed">
            {[step.name === null ? null : step.kind, words?.label, mark?.who].filter(Boolean).join(' · ')}
          </Text>
          {mark?.since && (
            <Text size="xs" c="dimmed">
              <ElapsedTime since={mark.since} />
            </Text>
          )}
        </Group>
        {mark?.detail && <Text size="xs">{mark.detail}</Text>}
      </div>
    </li>
  );
}
