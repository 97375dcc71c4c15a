import { Checkbox, Radio, Stack } from '@mantine/core';
import type { TaskChoice } from '@processflow/engine';

interface ChoiceInputProps {
  choice: TaskChoice;
  chosen: readonly string[];
  error: string | null;
  disabled: boolean;
  onChange(chosen: string[]): void;
}

/** The ways out that only a person can judge: one of them for a decision, any of them after a task. */
export function ChoiceInput({ choice, chosen, error, disabled, onChange }: ChoiceInputProps) {
  const flows = choice.flows.map((flow) => ({
    id: flow.id,
    label: flow.name ?? (flow.targetName === null ? 'Another way' : `Go on to ${flow.targetName}`),
    description: describe(flow),
  }));
  if (choice.mode === 'one') {
    return (
      <Radio.Group
        label="How does it go on?"
        withAsterisk={choice.required}
        error={error}
        value={chosen[0] ?? ''}
        onChange={(id) => onChange([id])}
      >
        <Stack gap="xs" my={6} data-unanswered={error === null ? undefined : true}>
          {flows.map(({ id, label, description }) => (
            <Radio key={id} value={id} label={label} description={description} disabled={disabled} />
          ))}
        </Stack>
      </Radio.Group>
    );
  }
  return (
    <Checkbox.Group
      label="Where does it go on as well?"
      withAsterisk={choice.required}
      error={error}
      value={[...chosen]}
      onChange={onChange}
    >
      <Stack gap="xs" my={6} data-unanswered={error === null ? undefined : true}>
        {flows.map(({ id, label, description }) => (
          <Checkbox key={id} value={id} label={label} description={description} disabled={disabled} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

function describe(flow: TaskChoice['flows'][number]): string | null {
  const parts = [
    flow.name !== null && flow.targetName !== null ? `to ${flow.targetName}` : null,
    flow.source === null ? null : `the model says: ${flow.source}`,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join('; ') : null;
}
