import { isIsoDate } from './evaluate.ts';
import {
  MAX_VARIABLE_DEPTH,
  MAX_VARIABLE_NAME_LENGTH,
  MAX_VARIABLES,
  MAX_VARIABLES_LENGTH,
} from './limits.ts';
import type { Field, FieldType, Json, ProcessModel, VariableProblem, Variables } from './types.ts';

/** Names that would reach into JavaScript's own objects. */
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

const WANTED: Record<FieldType, string> = {
  boolean: 'yes or no',
  number: 'a number',
  date: 'a date (year-month-day)',
  text: 'a text',
};

const IS: Record<FieldType, (value: unknown) => boolean> = {
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  date: isIsoDate,
  text: (value) => typeof value === 'string',
};

/**
 * What is wrong with data given for these fields; empty when nothing is. Names without a field may hold any JSON.
 * `complete`: required fields must be there.
 *
 * @example checkVariables(form.fields, { approved: true }, { complete: true }) // []
 */
export function checkVariables(
  fields: readonly Field[],
  data: unknown,
  options: { complete?: boolean } = {},
): VariableProblem[] {
  const types = new Map(fields.map((field) => [field.name, new Set([field.type])]));
  if (!options.complete || !isRecord(data)) return checkData(data, types);
  const missing = fields.filter(
    ({ name, required }) => required && isEmpty(Object.hasOwn(data, name) ? data[name] : null),
  );
  const given = Object.entries(data).filter(([name]) => !missing.some((field) => field.name === name));
  return [
    ...missing.map(({ name, label }) => ({ field: name, message: `“${label}” is needed.` })),
    ...checkData(Object.fromEntries(given), types),
  ];
}

const isEmpty = (value: unknown): boolean =>
  value === null || (typeof value === 'string' && value.trim() === '');

/** As `checkVariables`, for data that may touch any of the model's fields. */
export function checkData(
  data: unknown,
  types: ReadonlyMap<string, ReadonlySet<FieldType>>,
): VariableProblem[] {
  if (!isRecord(data)) return [{ field: null, message: 'Variables are names with values.' }];
  const problems: VariableProblem[] = [];
  for (const [name, value] of Object.entries(data)) {
    const message = problemOfName(name) ?? problemOfValue(value, 0) ?? problemOfType(value, types.get(name));
    if (message !== null) problems.push({ field: name, message: `“${name.slice(0, 60)}”: ${message}` });
  }
  if (problems.length === 0) problems.push(...checkSize(data));
  return problems;
}

export function checkSize(variables: Variables): VariableProblem[] {
  if (Object.keys(variables).length > MAX_VARIABLES) {
    return [{ field: null, message: `There can be ${MAX_VARIABLES} variables at most.` }];
  }
  if (JSON.stringify(variables).length > MAX_VARIABLES_LENGTH) {
    const limit = `${MAX_VARIABLES_LENGTH / 1024} KB`;
    return [
      { field: null, message: `All variables together are larger than ${limit}. Shorten or remove some.` },
    ];
  }
  return [];
}

/** The types the model gives its variables. Two tasks may ask for one name in two types: then either will do. */
export function fieldTypes(model: ProcessModel): Map<string, Set<FieldType>> {
  const types = new Map<string, Set<FieldType>>();
  for (const field of Object.values(model.elements).flatMap((element) => element.fields)) {
    types.set(field.name, (types.get(field.name) ?? new Set()).add(field.type));
  }
  return types;
}

function problemOfName(name: string): string | null {
  if (name.trim() === '') return 'a variable needs a name.';
  if (FORBIDDEN_NAMES.has(name)) return 'this name cannot be used.';
  if (name.length > MAX_VARIABLE_NAME_LENGTH) return 'the name is too long.';
  return /\p{Cc}/u.test(name) || !isStorable(name) ? 'the name has characters that cannot be seen.' : null;
}

function problemOfValue(value: unknown, depth: number): string | null {
  if (depth > MAX_VARIABLE_DEPTH) return 'it is nested too deeply.';
  if (value === null || typeof value === 'boolean') return null;
  if (typeof value === 'string') return isStorable(value) ? null : 'it has characters that cannot be stored.';
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'this is not a number.';
  if (Array.isArray(value)) return first(value, (item) => problemOfValue(item, depth + 1));
  if (!isRecord(value)) return 'this cannot be stored.';
  return first(Object.entries(value), ([key, item]) =>
    FORBIDDEN_NAMES.has(key) || !isStorable(key)
      ? `the name “${key}” cannot be used.`
      : problemOfValue(item, depth + 1),
  );
}

/** PostgreSQL's JSON takes neither NUL nor half a surrogate pair. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

function problemOfType(value: unknown, types: ReadonlySet<FieldType> | undefined): string | null {
  if (value === null || types === undefined) return null;
  if ([...types].some((type) => IS[type](value))) return null;
  return `${[...types].map((type) => WANTED[type]).join(' or ')} is wanted here.`;
}

function first<T>(items: T[], find: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

/** A plain object: no class, no array. */
function isRecord(value: unknown): value is Record<string, Json> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
