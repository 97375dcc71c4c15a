import { ActionIcon, Button, Group, NativeSelect, Stack, Switch, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';

import { VALUE_TYPES, type ValueType } from './values.ts';
import classes from './variable-rows-editor.module.css';
import { emptyRow, type VariableRow } from './variable-rows.ts';

interface VariableRowsEditorProps {
  rows: readonly VariableRow[];
  errors: Readonly<Record<string, string>>;
  onChange(rows: VariableRow[]): void;
  /** The button that adds a row: "Add another value". */
  addLabel: string;
  disabled?: boolean;
}

/** Name, type and value, as many as wanted. */
export function VariableRowsEditor({
  rows,
  errors,
  onChange,
  addLabel,
  disabled = false,
}: VariableRowsEditorProps) {
  const change = (key: string, part: Partial<VariableRow>) =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  return (
    <Stack gap="xs" align="stretch">
      {rows.map((row, index) => (
        <Row
          key={row.key}
          row={row}
          ordinal={index + 1}
          error={errors[row.key]}
          disabled={disabled}
          onChange={(part) => change(row.key, part)}
          onRemove={() => onChange(rows.filter(({ key }) => key !== row.key))}
        />
      ))}
      <Group>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          disabled={disabled}
          onClick={() => onChange([...rows, emptyRow()])}
        >
          {addLabel}
        </Button>
      </Group>
    </Stack>
  );
}

interface RowProps {
  row: VariableRow;
  ordinal: number;
  error: string | undefined;
  disabled: boolean;
  onChange(part: Partial<VariableRow>): void;
  onRemove(): void;
}

function Row({ row, ordinal, error, disabled, onChange, onRemove }: RowProps) {
  const called = row.name.trim() || `value ${ordinal}`;
  return (
    <div className={classes.row} role="group" aria-label={called}>
      <TextInput
        aria-label={`Name of value ${ordinal}`}
        placeholder="Name"
        value={row.name}
        disabled={disabled}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label={`Type of ${called}`}
        data={[...VALUE_TYPES]}
        value={row.type}
        disabled={disabled}
        onChange={(event) => onChange({ type: event.currentTarget.value as ValueType, text: '' })}
      />
      <ValueInput
        row={row}
        label={`Value of ${called}`}
        error={error}
        disabled={disabled}
        onChange={onChange}
      />
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={`Remove ${called}`}
        disabled={disabled}
        onClick={onRemove}
      >
        <IconTrash size={16} />
      </ActionIcon>
    </div>
  );
}

interface ValueInputProps {
  row: VariableRow;
  label: string;
  error: string | undefined;
  disabled: boolean;
  onChange(part: Partial<VariableRow>): void;
}

function ValueInput({ row, label, error, disabled, onChange }: ValueInputProps) {
  if (row.type === 'boolean') {
    return (
      <Switch
        aria-label={label}
        label={row.text === 'true' ? 'Yes' : 'No'}
        checked={row.text === 'true'}
        error={error}
        disabled={disabled}
        onChange={(event) => onChange({ text: String(event.currentTarget.checked) })}
        mt={8}
      />
    );
  }
  return (
    <TextInput
      aria-label={label}
      placeholder="Value"
      type={row.type === 'date' ? 'date' : 'text'}
      inputMode={row.type === 'number' ? 'decimal' : undefined}
      value={row.text}
      error={error}
      disabled={disabled}
      onChange={(event) => onChange({ text: event.currentTarget.value })}
    />
  );
}
