import type { Json, Variables } from '@processflow/engine';

import { parseValue, textOf, typeOf, type ValueType } from './values.ts';

/** One variable as it is being entered. The text is kept as typed, half a number included. */
export interface VariableRow {
  /** Identity while editing; says nothing. */
  key: string;
  name: string;
  type: ValueType;
  text: string;
}

export interface ReadRows {
  variables: Variables;
  /** By row key; empty when all is well. */
  errors: Readonly<Record<string, string>>;
}

let lastKey = 0;

export function emptyRow(): VariableRow {
  lastKey += 1;
  return { key: `${Date.now().toString(36)}-${lastKey}`, name: '', type: 'text', text: '' };
}

/** Rows for the values that can be entered; lists and objects have none and stay as they are. */
export function rowsOf(variables: Variables): VariableRow[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    const type = typeOf(value);
    return type === null ? [] : [{ ...emptyRow(), name, type, text: textOf(value) }];
  });
}

/** The variables the rows mean. Rows without name and text are ignored. `taken`: names that are entered elsewhere. */
export function readRows(rows: readonly VariableRow[], taken: readonly string[] = []): ReadRows {
  const entries: [string, Json][] = [];
  const errors: Record<string, string> = {};
  const names = new Set(taken);
  for (const row of rows) {
    const name = row.name.trim();
    if (name === '' && row.text === '') continue;
    const parsed = parseValue(row.type, row.text);
    if (name === '') errors[row.key] = 'Give the value a name';
    else if (names.has(name)) errors[row.key] = `“${name}” is there already`;
    else if (!parsed.ok) errors[row.key] = parsed.message;
    else entries.push([name, parsed.value]);
    names.add(name);
  }
  // fromEntries defines properties; assigning would lose a variable named __proto__.
  return { variables: Object.fromEntries(entries), errors };
}

/** What has to be set and unset to come from `before` to what the rows mean. */
export function changesOf(before: Variables, after: Variables): { set: Variables; unset: string[] } {
  const enterable = Object.keys(before).filter((name) => typeOf(before[name] ?? null) !== null);
  return {
    set: Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name] !== value)),
    unset: enterable.filter((name) => !Object.hasOwn(after, name)),
  };
}
