import { Group, Text } from '@mantine/core';

import classes from './diagram.module.css';
import { MARK_WORDS } from './mark-words.tsx';
import type { Mark, MarkState } from './marks.ts';

const ORDER: readonly MarkState[] = ['here', 'problem', 'incident', 'active', 'waiting', 'done', 'cancelled'];

/** Names the marks that are on the diagram right now, and no others. */
export function Legend({ marks, hasTakenFlows }: { marks: readonly Mark[]; hasTakenFlows: boolean }) {
  const shown = ORDER.filter((state) => marks.some((mark) => mark.state === state));
  if (shown.length === 0) return null;
  return (
    <Group component="ul" gap="md" className={classes.legend} aria-label="Legend">
      {shown.map((state) => {
        const { label, Icon } = MARK_WORDS[state];
        return (
          <Group component="li" key={state} gap={6} wrap="nowrap">
            <span className={classes.dot} data-state={state}>
              <Icon size={12} stroke={2.5} aria-hidden />
            </span>
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
