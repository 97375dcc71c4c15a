import type { LiveFunction } from './check-catalog.ts';
import type { Difference, Repair } from './check-difference.ts';
import { sequenceSql, sharedFunctions, sharedSequences } from './check-expected.ts';
import { compareFunction } from './check-triggers.ts';

export interface LiveShared {
  readonly functions: readonly LiveFunction[];
  /** By name; see {@link readSequence}. */
  readonly sequences: ReadonlyMap<string, string | undefined>;
  /** How the migration that closes differences is written, for people. */
  readonly close: string;
}

/** What all triggers call and count with. */
export function checkShared({ functions, sequences, close }: LiveShared): Difference[] {
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

function missing(about: Pick<Difference, 'what' | 'advice'>, drop: string): Difference {
  const repair: Repair = { create: 'shared', first: [], undo: [drop], before: [] };
  return { ...about, kind: 'missing', expected: 'it is there', found: 'nothing of that name', repair };
}
