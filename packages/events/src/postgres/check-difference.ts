/** What a difference is, and how it is told. */

/**
 * Every kind of difference that there is between definitions and database.
 *
 * @example
 * const differences = await checkChannels(db, channels);
 * const counts = DIFFERENCE_KINDS.map((kind) => [kind, differences.filter((one) => one.kind === kind).length]);
 */
export const DIFFERENCE_KINDS = [
  'missing',
  'changed',
  'disabled',
  'stray',
  'table-gone',
  'unsuitable-table',
  'unsuitable-column',
  'unsuitable-channel',
  'column-gone',
  'type-changed',
  'not-a-key',
] as const;

export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** How a migration closes a difference, and what it puts back when it is taken back. */
export interface Repair {
  /** What is made anew, by the kit's own functions. */
  readonly create?: 'channel' | 'shared';
  /** A table whose triggers are all dropped, by the kit's own function. */
  readonly dropTriggersOf?: string;
  /** Channels whose triggers have to be made anew along with it: the live ones call what goes. */
  readonly needs?: readonly string[];
  /** SQL that comes before that. */
  readonly first: readonly string[];
  /** SQL that comes after it. */
  readonly last?: readonly string[];
  /** SQL that takes back what is not put back by `before`. */
  readonly undo?: readonly string[];
  /** SQL that makes what is there now. */
  readonly before: readonly string[];
}

/** One way in which the database is not what the definitions say. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** The channel it concerns; strays and what all channels share have none. */
  readonly channel?: string;
  readonly table?: string;
  /** What differs, by name: `column "role"."name"`, `function public.change_event_notify`. */
  readonly what: string;
  readonly expected: string;
  /** What is there instead. */
  readonly found: string;
  /** What to do about it. */
  readonly advice: string;
  /** Undefined: no migration of triggers closes it. */
  readonly repair?: Repair;
}

/**
 * The differences as text for a terminal: each with what is expected and what is there instead, then what to do.
 *
 * @example
 * const differences = await checkChannels(db, channels);
 * if (differences.length > 0) console.error(describeDifferences(differences));
 */
export function describeDifferences(differences: readonly Difference[]): string {
  if (differences.length === 0) return 'The database is as the definitions say.';
  const count = differences.length === 1 ? '1 way' : `${differences.length} ways`;
  const lines = differences.map(({ kind, channel, what, expected, found }) => {
    const where = channel === undefined ? '' : `${channel}: `;
    return `  ${where}${what}: ${kind}\n    expected: ${expected}\n    found:    ${found}`;
  });
  const advice = [...new Set(differences.map((difference) => `  - ${difference.advice}`))];
  return [
    `The database differs from the definitions of the channels in ${count}:`,
    ...lines,
    'What to do:',
    ...advice,
  ].join('\n');
}

const WINDOW = 60;

/** The first line in which two texts differ, as each has it, cut to what is around the difference. */
export function firstDifference(expected: string, found: string): { expected: string; found: string } {
  const [one, other] = [expected.split('\n'), found.split('\n')];
  const line = one.findIndex((text, index) => text !== other[index]);
  const at = line === -1 ? one.length : line;
  const [a, b] = [one[at]?.trim() ?? '', other[at]?.trim() ?? ''];
  let from = 0;
  while (from < Math.min(a.length, b.length) && a[from] === b[from]) from += 1;
  const cut = (text: string): string => {
    const start = Math.max(0, from - WINDOW);
    const end = from + 2 * WINDOW;
    if (text === '') return 'nothing there';
    return `${start > 0 ? '...' : ''}${text.slice(start, end)}${end < text.length ? '...' : ''}`;
  };
  return { expected: `line ${at + 1}: ${cut(a)}`, found: `line ${at + 1}: ${cut(b)}` };
}
