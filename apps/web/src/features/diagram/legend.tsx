import { Group, Text } from '@mantine/core';

import classes from './diagram.module.css';
import { MARK_WORDS } from './mark-words.tsx';
import type { Mark, MarkState } from './marks.ts';
import { StateDot } from './state-dot.tsx';

const ORDER: readonly MarkState[] = ['here', 'problem', 'incident', 'active', 'waiting', 'done', 'cancelled'];

/** Names the marks that are on the diagram right now, and no others. */
export function Legend({ marks, hasTakenFlows }: { marks: readonly Mark[]; hasTakenFlows: boolean }) {
  const shown = ORDER.filter((state) => marks.some((mark) => mark.state === state));
  if (shown.length === 0) return null;
  return (
    <Group component="ul" gap="md" className={classes.legend} aria-label="Legend">
      {shown.map((state) => {
        const { label } = MARK_WORDS[state];
        return (
          <Group component="li" key={state} gap={6} wrap="nowrap">
            <StateDot state={state} />
            <Text size="xs">{label}</Text>
          </Group>
        );
      })}
      {hasTakenFlows && (
        <Group component="li" gap={6} wrap="nowrap">
          <span className={classes.takenLine} aria-hidden />
          <Text size="xs">Way taken</Text>
        </Group>
      )}
    </Group>
  );
}
