import { date, evaluate } from 'feelin';
import type { Condition, ConditionName, FieldType, Json, Variables } from './types.ts';

export type Verdict =
  | { kind: 'yes' }
  /** `unset`: variables it asked for that are not set, for the message when nothing else matches either. */
  | { kind: 'no'; unset: string[] }
  | { kind: 'failed'; why: string };

type Readable = Extract<Condition, { kind: 'readable' }>;

/** Evaluates a condition. It answers yes or no, or says why it cannot; it never guesses. */
export function judge(
  condition: Readable,
  variables: Variables,
  types: ReadonlyMap<string, ReadonlySet<FieldType>>,
): Verdict {
  const context: Record<string, unknown> = {};
  const unset: string[] = [];
  for (const name of condition.names) {
    const value = Object.hasOwn(variables, name.variable) ? (variables[name.variable] ?? null) : null;
    if (value === null) unset.push(name.variable);
    const mismatch = mismatchOf(name, value);
    if (mismatch !== null) return { kind: 'failed', why: mismatch };
    const isDate = name.expects === 'date' || types.get(name.variable)?.has('date');
    context[name.feel] = isDate && isIsoDate(value) ? date(value) : value;
  }

  const { value, warnings } = evaluateSafely(condition.feel, context);
  if (value === true) return { kind: 'yes' };
  if (value === false) return { kind: 'no', unset };
  if (value !== null) return { kind: 'failed', why: `It gives ${describe(value)}, not yes or no.` };
  if (unset.length > 0) return { kind: 'failed', why: unsetMessage(unset) };
  return {
    kind: 'failed',
    why: warnings[0] ?? 'It gives neither yes nor no: it compares things of different types.',
  };
}

export function unsetMessage(names: string[]): string {
  const list = names.map((name) => `“${name}”`).join(', ');
  return names.length === 1 ? `The variable ${list} is not set.` : `The variables ${list} are not set.`;
}

/** Ordering things of different types is silently false in the interpreter: it must be said instead. */
function mismatchOf(name: ConditionName, value: Json): string | null {
  if (value === null || name.expects === null) return null;
  if (name.expects === 'number' && typeof value === 'number') return null;
  if (name.expects === 'date' && isIsoDate(value)) return null;
  const wanted = name.expects === 'number' ? 'a number' : 'a date';
  return `The variable “${name.variable}” is ${describe(value)}, but is compared with ${wanted}.`;
}

function evaluateSafely(
  feel: string,
  context: Record<string, unknown>,
): { value: unknown; warnings: string[] } {
  try {
    const { value, warnings } = evaluate(feel, context);
    return { value: value ?? null, warnings: warnings.map((warning) => `${warning.message}.`) };
  } catch (error) {
    // What parsed at reading can still fail, e.g. nested too deeply: an answer for people, not a crash.
    return { value: null, warnings: [error instanceof Error ? error.message : String(error)] };
  }
}

export const isIsoDate = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/u.test(value) && date(value) !== null;

function describe(value: unknown): string {
  if (typeof value === 'string') return `the text “${value.slice(0, 60)}”`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? 'a list' : 'a structure';
}
