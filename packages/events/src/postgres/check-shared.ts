import { LOG_SQL } from './change-log-sql.ts';
import { functionSql, type LiveFunction } from './check-catalog.ts';
import type { Difference, Repair } from './check-difference.ts';
import { sequenceSql, sharedFunctions, sharedSequences } from './check-expected.ts';
import { compareFunction } from './check-triggers.ts';
import { DROP_SHARED_SQL } from './shared-sql.ts';

export interface LiveShared {
  readonly functions: readonly LiveFunction[];
  /** By name; see {@link readSequence}. */
  readonly sequences: ReadonlyMap<string, string | undefined>;
  /** By name; see {@link readLog}. */
  readonly log: ReadonlyMap<string, string>;
  /** How the migration that closes differences is written, for people. */
  readonly close: string;
  /** Whether there is no command for that, so that people write migrations themselves. */
  readonly byHand: boolean;
}

/** What all triggers call and count with. */
export function checkShared({ functions, sequences, log, close, byHand }: LiveShared): Difference[] {
  const names = new Set(sharedFunctions().map(({ name }) => name));
  if (
    functions.every(({ name }) => !names.has(name)) &&
    sharedSequences().every((name) => !sequences.get(name)) &&
    log.size === 0
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
    // What a function returns cannot be replaced, nor does replacing it take rights away as if they had never been given.
    const isReplaced =
      found.returns === expected.returns && found.traits === expected.traits && !found.isPublic;
    const first = isReplaced ? [] : [drop];
    const repair: Repair = { create: 'shared', first, undo: first, before: functionSql(found) };
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
  return [...ofSequences, ...checkLog(log, close), ...ofFunctions];
}

/** The change log; what is in a table that differs is not ours to throw away. */
function checkLog(log: ReadonlyMap<string, string>, close: string): Difference[] {
  return Object.entries(LOG_SQL).flatMap(([name, expected]): Difference[] => {
    const [, kind = ''] = /^CREATE (\w+)/.exec(expected) ?? [];
    const what = `${kind.toLowerCase()} public.${name}`;
    const found = log.get(name);
    const drop = `DROP ${kind} IF EXISTS public.${name}`;
    if (found === undefined) return [missing({ what, advice: close }, drop)];
    if (found === expected) return [];
    if (kind === 'INDEX') {
      const repair: Repair = { create: 'shared', first: [drop], undo: [drop], before: [found] };
      return [{ kind: 'changed', what, expected, found, advice: close, repair }];
    }
    const advice = `Alter table "${name}" in a migration, or drop it there and call createChangeEvents(db): then every subscriber starts over.`;
    return [{ kind: 'changed', what, expected, found, advice }];
  });
}

function nothingShared(advice: string): Difference {
  const repair: Repair = { create: 'shared', first: [], undo: DROP_SHARED_SQL, before: [] };
  const what = 'what all triggers share';
  const expected = [
    ...sharedSequences(),
    ...Object.keys(LOG_SQL),
    ...sharedFunctions().map(({ name }) => name),
  ].join(', ');
  return { kind: 'missing', what, expected, found: 'none of them in schema public', advice, repair };
}

function missing(about: Pick<Difference, 'what' | 'advice'>, drop: string): Difference {
  const repair: Repair = { create: 'shared', first: [], undo: [drop], before: [] };
  return { ...about, kind: 'missing', expected: 'it is there', found: 'nothing of that name', repair };
}
