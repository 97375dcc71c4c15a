import type { Field, Json, TaskChoice, Variables } from '@processflow/engine';

import { parseValue, textOf, typeOf, valueWords } from '../instance/values.ts';
import { readRows, type VariableRow } from '../instance/variable-rows.ts';

/** A form as far as it is filled in: texts as typed, so that half a number is kept too. */
export interface FormDraft {
  /** By field name; a switch is `true` or `false`. */
  values: Readonly<Record<string, string>>;
  /** Values the model does not ask for. */
  extra: readonly VariableRow[];
  /** Ids of the flows chosen. */
  choice: readonly string[];
}

export interface ReadDraft {
  data: Variables;
  choice: string[];
  /** By field name. */
  errors: Readonly<Record<string, string>>;
  /** By row key. */
  rowErrors: Readonly<Record<string, string>>;
  choiceError: string | null;
}

/** What the form shows before anybody types: what the instance knows already. */
export function initialDraft(fields: readonly Field[], variables: Variables): FormDraft {
  const values = fields.map((field) => {
    const known = Object.hasOwn(variables, field.name) ? variables[field.name] : undefined;
    const fits =
      known !== undefined &&
      (typeOf(known) === field.type || (field.type === 'text' && typeOf(known) === 'date'));
    return [field.name, fits ? textOf(known) : field.type === 'boolean' ? 'false' : ''];
  });
  return { values: Object.fromEntries(values), extra: [], choice: [] };
}

/** The text in a field; a field may be called `constructor`. */
export function enteredText(draft: FormDraft, name: string): string {
  return Object.hasOwn(draft.values, name) ? (draft.values[name] ?? '') : '';
}

/** What a filled-in form says, and what is wrong with it. */
export function readDraft(fields: readonly Field[], choice: TaskChoice | null, draft: FormDraft): ReadDraft {
  const entries: [string, Json][] = [];
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const text = enteredText(draft, field.name);
    if (text.trim() === '' && field.type !== 'boolean') {
      if (field.required) errors[field.name] = `${field.label} is needed`;
      continue;
    }
    const parsed = parseValue(field.type, text);
    if (parsed.ok) entries.push([field.name, parsed.value]);
    else errors[field.name] = parsed.message;
  }
  const extra = readRows(
    draft.extra,
    fields.map((field) => field.name),
  );
  const offered = new Set(choice?.flows.map((flow) => flow.id));
  const chosen = draft.choice.filter((id) => offered.has(id));
  return {
    data: Object.fromEntries([...entries, ...Object.entries(extra.variables)]),
    choice: chosen,
    errors,
    rowErrors: extra.errors,
    choiceError: choice?.required && chosen.length === 0 ? 'Choose how it goes on' : null,
  };
}

export function isReady(read: ReadDraft): boolean {
  return (
    read.choiceError === null &&
    Object.keys(read.errors).length === 0 &&
    Object.keys(read.rowErrors).length === 0
  );
}

/** The entries as plain text, to be carried elsewhere. */
export function draftText(fields: readonly Field[], choice: TaskChoice | null, draft: FormDraft): string {
  const words = (type: Field['type'], text: string) =>
    type === 'boolean' ? valueWords(text === 'true') : text;
  const lines = [
    ...fields.map((field) => `${field.label}: ${words(field.type, enteredText(draft, field.name))}`),
    ...draft.extra.map((row) => `${row.name}: ${words(row.type, row.text)}`),
    ...(choice?.flows ?? [])
      .filter((flow) => draft.choice.includes(flow.id))
      .map((flow) => `Chosen: ${flow.name ?? flow.targetName ?? flow.id}`),
  ];
  return lines.join('\n');
}
