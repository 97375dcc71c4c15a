import { Alert, Button, Code, List, Text, UnstyledButton } from '@mantine/core';
import { IconExclamationCircle } from '@tabler/icons-react';
import type { Problem } from '@processflow/engine';
import { useState } from 'react';

interface ProblemListProps {
  problems: readonly Problem[];
  selected: string | null;
  onSelect(elementId: string | null): void;
}

const SHOWN_AT_FIRST = 6;

/** What keeps the model from being deployed. Pointing at one shows it in the drawing. */
export function ProblemList({ problems, selected, onSelect }: ProblemListProps) {
  const [all, setAll] = useState(false);
  if (problems.length === 0) return null;
  const shown = all ? problems : problems.slice(0, SHOWN_AT_FIRST);
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return (
    <Alert
      color="red"
      icon={<IconExclamationCircle aria-hidden />}
      title={`${count}: this model cannot be deployed yet`}
      role="region"
    >
      {/* The role is told, as Safari knows no list without bullets. */}
      <List size="sm" spacing={6} listStyleType="none" role="list">
        {shown.map((problem) => (
          <List.Item key={`${problem.elementId} ${problem.code} ${problem.reason}`}>
            {problem.elementId === null ? (
              problem.reason
            ) : (
              <UnstyledButton
                fz="sm"
                aria-pressed={selected === problem.elementId}
                onClick={() => onSelect(selected === problem.elementId ? null : problem.elementId)}
                onMouseEnter={() => onSelect(problem.elementId)}
                onMouseLeave={() => onSelect(null)}
              >
                {problem.elementName !== null && (
                  <Text span inherit fw={600}>
                    {problem.elementName}{' '}
                  </Text>
                )}
                <Code color="transparent" fz="xs" p={0}>
                  {problem.elementId}
                </Code>
                : {problem.reason}
              </UnstyledButton>
            )}
          </List.Item>
        ))}
      </List>
      {shown.length < problems.length && (
        <Button size="compact-sm" variant="default" mt="xs" onClick={() => setAll(true)}>
          Show all {problems.length}
        </Button>
      )}
    </Alert>
  );
}
