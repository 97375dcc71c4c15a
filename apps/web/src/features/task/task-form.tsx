import { Alert, Button, Group, Kbd, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconRobot } from '@tabler/icons-react';
import { useRef, useState, type FormEvent } from 'react';

import { VariableRowsEditor } from '../instance/variable-rows-editor.tsx';
import type { ErrorWords } from '../../ui/error-words.ts';
import { useShortcut } from '../../ui/shortcuts.tsx';
import { ChoiceInput } from './choice-input.tsx';
import { FieldInput } from './field-input.tsx';
import { enteredText, isReady, readDraft, type FormDraft, type ReadDraft } from './form-draft.ts';
import type { Task } from './task-detail.tsx';

interface TaskFormProps {
  task: Task;
  form: FormDraft;
  /** False: the browser does not keep entries over a reload. */
  kept: boolean;
  /** Why it cannot be completed by this person now; null: it can. */
  closed: string | null;
  pending: boolean;
  error: ErrorWords | null;
  onChange(form: FormDraft): void;
  onComplete(read: ReadDraft): void;
}

/** What the task asks for, what a person adds by hand, and how it goes on. */
export function TaskForm({ task, form, kept, closed, pending, error, onChange, onComplete }: TaskFormProps) {
  const element = useRef<HTMLFormElement>(null);
  const [tried, setTried] = useState(false);
  const read = readDraft(task.fields, task.choice, form);
  const refused = refusedField(error);
  const disabled = closed !== null || pending;

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (disabled) return;
    setTried(true);
    if (isReady(read)) onComplete(read);
    // After the errors are drawn.
    else requestAnimationFrame(() => firstWrong(element.current)?.focus());
  };
  useShortcut('mod+Enter', 'Complete the open task', () => submit(), { enabled: closed === null });

  return (
    <form ref={element} onSubmit={submit} noValidate aria-label={`Form of ${task.name}`}>
      <Stack gap="md">
        {task.automatic && <AutomaticNote />}
        {task.fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={enteredText(form, field.name)}
            error={
              refused?.field === field.name ? refused.message : tried ? read.errors[field.name] : undefined
            }
            readOnly={disabled}
            onChange={(text) => onChange({ ...form, values: { ...form.values, [field.name]: text } })}
          />
        ))}
        {task.choice && (
          <ChoiceInput
            choice={task.choice}
            chosen={form.choice}
            error={tried ? read.choiceError : null}
            disabled={disabled}
            onChange={(choice) => onChange({ ...form, choice })}
          />
        )}
        {task.fields.length === 0 && !task.choice && !task.automatic && (
          <Text size="sm" c="dimmed">
            The model asks for nothing here. Complete the task when it is done.
          </Text>
        )}
        <VariableRowsEditor
          rows={form.extra}
          errors={tried ? read.rowErrors : {}}
          addLabel="Add another value"
          disabled={disabled}
          onChange={(extra) => onChange({ ...form, extra })}
        />
        {error && (
          <Alert color="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title={error.title}>
            {error.text} Your entries are kept.
          </Alert>
        )}
        <Group gap="sm">
          <Button
            type="submit"
            loading={pending}
            disabled={closed !== null}
            aria-keyshortcuts="Control+Enter"
          >
            Complete
          </Button>
          <Text size="xs" c="dimmed" visibleFrom="sm">
            <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd>
          </Text>
          {closed !== null && (
            <Text size="sm" c="dimmed">
              {closed}
            </Text>
          )}
        </Group>
        {!kept && (
          <Text size="xs" c="dimmed">
            This browser keeps nothing over a reload: complete the task before you leave the page.
          </Text>
        )}
      </Stack>
    </form>
  );
}

function refusedField(error: ErrorWords | null): { field: string; message: string } | null {
  const refusal = error?.refusal;
  if (refusal?.code !== 'bad-variable') return null;
  const { field, message } = refusal;
  return typeof field === 'string' && typeof message === 'string' ? { field, message } : null;
}

function AutomaticNote() {
  return (
    <Alert color="gray" icon={<IconRobot aria-hidden />} title="Automatic in the model">
      The model means this for a machine, and none is connected yet. Do it, or see that it is done, and
      confirm with Complete.
    </Alert>
  );
}

/** The first field that needs another look; a choice marks its group, not its options. */
function firstWrong(form: HTMLFormElement | null): HTMLElement | null {
  return form?.querySelector<HTMLElement>('[aria-invalid=true], [data-unanswered] input') ?? null;
}
