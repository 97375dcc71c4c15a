import { Alert, Code, List, Text, UnstyledButton } from '@mantine/core';
import { IconExclamationCircle } from '@tabler/icons-react';
import type { Problem } from '@processflow/engine';

interface ProblemListProps {
  problems: readonly Problem[];
  selected: string | null;
  onSelect(elementId: string | null): void;
}

/** What keeps the model from being deployed. Pointing at one shows it in the drawing. */
export function ProblemList({ problems, selected, onSelect }: ProblemListProps) {
  if (problems.length === 0) return null;
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return (
    <Alert
      color="red"
      icon={<IconExclamationCircle aria-hidden />}
      title={`${count}: this model cannot be deployed yet`}
      component="section"
      aria-label="Problems"
    >
      <List size="sm" spacing={6} mah={260} style={{ overflowY: 'auto' }}>
        {problems.map((problem) => (
          <List.Item key={`${problem.elementId} ${problem.code} ${problem.reason}`}>
            {problem.elementId === null ? (
              problem.reason
            ) : (
              <UnstyledButton
                fz="sm"
                // The list's bullet stands at the first line.
                style={{ verticalAlign: 'top' }}
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
    </Alert>
  );
}
