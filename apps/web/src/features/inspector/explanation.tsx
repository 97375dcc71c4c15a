import { Text } from '@mantine/core';
import { IconCheck, IconQuestionMark, IconX } from '@tabler/icons-react';

import type { Outputs } from '../../trpc.ts';
import classes from './inspector.module.css';

type Told = Outputs['realtime']['why'];

/** In one line whether somebody heard an event, then rule by rule. */
export function Explanation({ explanation: { conclusion, rules } }: { explanation: Told }) {
  return (
    <>
      <Text size="xs" fw={600} my={6} className={classes.query ?? ''}>
        {conclusion.text}
      </Text>
      <ul className={classes.verdicts} aria-label="Rules">
        {rules.map(({ holds, text }) => (
          <li key={text} className={classes.rule}>
            <Mark holds={holds} />
            <Text span size="xs" className={classes.query ?? ''}>
              {text}
            </Text>
          </li>
        ))}
      </ul>
    </>
  );
}

const MARKS = {
  true: { Icon: IconCheck, words: 'Yes', colour: 'var(--mantine-color-teal-text)' },
  false: { Icon: IconX, words: 'No', colour: 'var(--mantine-color-error)' },
  null: { Icon: IconQuestionMark, words: 'Cannot be told', colour: 'var(--mantine-color-dimmed)' },
} as const;

function Mark({ holds }: { holds: boolean | null }) {
  const { Icon, words, colour } = MARKS[`${holds}`];
  return <Icon size={14} color={colour} role="img" aria-label={words} />;
}
