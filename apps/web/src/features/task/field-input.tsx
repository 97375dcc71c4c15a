import { Autocomplete, Switch, TextInput } from '@mantine/core';
import type { Field } from '@processflow/engine';

interface FieldInputProps {
  field: Field;
  value: string;
  error: string | undefined;
  /** What was entered can be read, not changed. */
  readOnly: boolean;
  onChange(value: string): void;
}

/** One thing the model asks for, entered by its type. */
export function FieldInput({ field, value, error, readOnly, onChange }: FieldInputProps) {
  if (field.type === 'boolean') {
    return (
      <Switch
        label={field.label}
        checked={value === 'true'}
        error={error}
        disabled={readOnly}
        onChange={(event) => onChange(String(event.currentTarget.checked))}
      />
    );
  }
  const common = { label: field.label, value, error, readOnly, withAsterisk: field.required, maw: 420 };
  if (field.options && field.options.length > 0) {
    return (
      <Autocomplete
        {...common}
        data={field.options}
        description={`Usually ${field.options.map((option) => `“${option}”`).join(' or ')}`}
        onChange={onChange}
      />
    );
  }
  return (
    <TextInput
      {...common}
      type={field.type === 'date' ? 'date' : 'text'}
      inputMode={field.type === 'number' ? 'decimal' : undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
