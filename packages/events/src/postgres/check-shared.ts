import type { LiveFunction } from './check-catalog.ts';
import type { Difference, Repair } from './check-difference.ts';
import { sequenceSql, sharedFunctions, sharedSequences } from './check-expected.ts';
import { compareFunction } from './check-triggers.ts';
import { DROP_SHARED_SQL } from './shared-sql.ts';

export interface LiveShared {
  readonly functions: readonly LiveFunction[];
  /** By name; see {@link readSequence}. */
  readonly sequences: ReadonlyMap<string, string | undefined>;
  /** How the migration that closes differences is written, for people. */
  readonly close: string;
  /** Whether there is no command for that, so that people write migrations themselves. */
  readonly byHand: boolean;
}

/** What all triggers call and count with. */
export function checkShared({ functions, sequences, close, byHand }: LiveShared): Difference[] {
  const names = new Set(sharedFunctions().map(({ name }) => name));
  if (
    functions.every(({ name }) => !names.has(name)) &&
    sharedSequences().every((name) => !sequences.get(name))
  )
    return [
      nothingShared(
        byHand
          ? `${close} Or call, in one of yours, before it makes triggers: createChangeEvents(db).`
          : close,
      ),
    ];
  const ofFunctions = sharedFunctions().flatMap((expected) => {
    const signature = `public.${expected.name}(${expected.args})`;
    const about = { what: `function ${signature}`, advice: close };
    const found = functions.find(({ name, args }) => name === expected.name && args === expected.args);
    const drop = `DROP FUNCTION IF EXISTS ${signature}`;
    if (found === undefined) return [missing(about, drop)];
    // What a function returns cannot be replaced.
    const anew = found.returns === expected.returns && found.traits === expected.traits ? [] : [drop];
    const repair: Repair = { create: 'shared', first: anew, undo: anew, before: [found.sql] };
    return compareFunction(expected, found, { ...about, repair });
  });
  const ofSequences = sharedSequences().flatMap((name): Difference[] => {
    const about = { what: `sequence public.${name}`, advice: close };
    const [expected, found] = [sequenceSql(name), sequences.get(name)];
    if (found === undefined) return [missing(about, `DROP SEQUENCE IF EXISTS public.${name}`)];
    if (found === expected) return [];
    const repair: Repair = { first: [`ALTER ${expected}`], before: [`ALTER ${found}`] };
    return [{ ...about, kind: 'changed', expected, found, repair }];
  });
  return [...ofSequences, ...ofFunctions];
}

function nothingShared(advice: string): Difference {
  const repair: Repair = { create: 'shared', first: [], undo: DROP_SHARED_SQL, before: [] };
  const what = 'what all triggers share';
  const expected = [...sharedSequences(), ...sharedFunctions().map(({ name }) => name)].join(', ');
  return { kind: 'missing', what, expected, found: 'none of them in schema public', advice, repair };
}

function missing(about: Pick<Difference, 'what' | 'advice'>, drop: string): Difference {
  const repair: Repair = { create: 'shared', first: [], undo: [drop], before: [] };
  return { ...about, kind: 'missing', expected: 'it is there', found: 'nothing of that name', repair };
}
