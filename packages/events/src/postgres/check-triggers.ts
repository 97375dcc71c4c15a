import type { ChannelDefinition } from '../contract.ts';
import { functionSql, type LiveFunction, type LiveTrigger } from './check-catalog.ts';
import { type Difference, firstDifference, type Repair } from './check-difference.ts';
import {
  type ExpectedFunction,
  expectedFunction,
  type ExpectedTrigger,
  expectedTrigger,
} from './check-expected.ts';
import { CHANGE_VERBS, functionName, identifier, qualified, triggerName } from './trigger-sql.ts';

export interface LiveObjects {
  readonly functions: readonly LiveFunction[];
  readonly triggers: readonly LiveTrigger[];
  /** How the migration that closes differences is written, for people. */
  readonly close: string;
  /** Whether there is no command for that, so that people write migrations themselves. */
  readonly byHand: boolean;
}

/** A channel's four triggers and their functions. */
export function checkTriggers(
  channel: string,
  definition: ChannelDefinition,
  live: LiveObjects,
): Difference[] {
  const { table } = definition;
  const repair = recreation(table, live);
  if (repair.before.length === 0) {
    const call = `createChangeTriggers(db, '${channel}', { table: '${table}', ... })`;
    return [
      {
        channel,
        table,
        kind: 'missing',
        what: `triggers of table ${identifier(table)}`,
        expected: `one for each of ${CHANGE_VERBS.map((verb) => verb.toUpperCase()).join(', ')}`,
        found: `table ${identifier(table)} has no triggers of ours`,
        advice: live.byHand ? `${live.close} Or call, in one of yours: ${call}.` : live.close,
        repair,
      },
    ];
  }
  return CHANGE_VERBS.flatMap((verb) => {
    const own = expectedFunction(channel, definition, verb);
    const wanted = expectedTrigger(definition, verb);
    const isThere = functionOf(live, own.name);
    const trigger = triggerOf(live, table, wanted.name);
    const base = { channel, table, advice: live.close };
    const differences: Difference[] = [];
    const what = `trigger ${wanted.name} on ${qualified(table)}`;
    const ofFunction = `function ${qualified(own.name)}()`;
    if (isThere === undefined) {
      const found = trigger === undefined ? 'no function, no trigger' : 'no such function';
      differences.push({
        ...base,
        kind: 'missing',
        what: ofFunction,
        expected: 'it is there',
        found,
        repair,
      });
    } else {
      differences.push(...compareFunction(own, isThere, { ...base, what: ofFunction, repair }));
    }
    if (trigger === undefined) {
      if (isThere !== undefined) {
        const found = 'its function, but no trigger that calls it';
        differences.push({ ...base, kind: 'missing', what, expected: wanted.sql, found, repair });
      }
      return differences;
    }
    if (!isSameTrigger(wanted, trigger)) {
      differences.push({ ...base, kind: 'changed', what, expected: wanted.sql, found: trigger.sql, repair });
    }
    if (trigger.enabled !== 'O') differences.push({ ...base, what, ...checkEnabled(trigger, live.close) });
    return differences;
  });
}

const ENABLED = { O: 'enabled', D: 'disabled', R: 'enabled on replicas only', A: 'enabled always' };

function checkEnabled(trigger: LiveTrigger, close: string) {
  const alter = (how: string): string => `ALTER TABLE ${trigger.target} ${how} TRIGGER ${trigger.quoted}`;
  const repair: Repair = { first: [], last: [alter('ENABLE')], before: enabledSql(trigger) };
  return {
    kind: trigger.enabled === 'A' ? ('changed' as const) : ('disabled' as const),
    expected: ENABLED.O,
    found: ENABLED[trigger.enabled],
    advice: `${close} Or, at once: ${alter('ENABLE')};`,
    repair,
  };
}

/** Puts back that a trigger does not fire, or when. */
export function enabledSql({ enabled, target, quoted }: LiveTrigger): string[] {
  const how = { O: undefined, D: 'DISABLE', R: 'ENABLE REPLICA', A: 'ENABLE ALWAYS' }[enabled];
  return how === undefined ? [] : [`ALTER TABLE ${target} ${how} TRIGGER ${quoted}`];
}

/** Drops what there is of a channel's triggers and makes all of them anew. */
function recreation(table: string, live: LiveObjects): Repair {
  const functions = CHANGE_VERBS.flatMap((verb) => functionOf(live, functionName(table, verb)) ?? []);
  const triggers = CHANGE_VERBS.flatMap((verb) => triggerOf(live, table, triggerName(verb)) ?? []);
  const own = new Set<string>(CHANGE_VERBS.map((verb) => functionName(table, verb)));
  return {
    create: 'channel',
    // With their functions go those that call them; what calls something else has to go by itself.
    first: triggers
      .filter(({ functionSchema, functionName: calls }) => functionSchema !== 'public' || !own.has(calls))
      .map(({ quoted, target }) => `DROP TRIGGER IF EXISTS ${quoted} ON ${target}`),
    before: [
      ...functions.flatMap(functionSql),
      ...triggers.flatMap((trigger) => [trigger.sql, ...enabledSql(trigger)]),
    ],
  };
}

/** Compares a function with what the kit would make; `about` is said of each difference. */
export function compareFunction(
  expected: ExpectedFunction,
  found: LiveFunction,
  about: Omit<Difference, 'kind' | 'expected' | 'found'>,
): Difference[] {
  const head = (fn: ExpectedFunction): string =>
    [
      `(${fn.args}) RETURNS ${fn.returns} LANGUAGE ${fn.language}`,
      fn.traits,
      fn.definer ? 'SECURITY DEFINER' : 'SECURITY INVOKER',
      ...fn.config.map((setting) => `SET ${setting}`),
    ]
      .filter((part) => part !== '')
      .join(' ');
  const differences: Difference[] = [];
  if (found.isPublic) {
    const may = 'executable by its owner alone: whoever may call it can announce what never happened';
    differences.push({ ...about, kind: 'changed', expected: may, found: 'executable by PUBLIC' });
  }
  if (head(expected) !== head(found)) {
    differences.push({ ...about, kind: 'changed', expected: head(expected), found: head(found) });
  }
  if (expected.body !== found.body) {
    differences.push({ ...about, kind: 'changed', ...firstDifference(expected.body, found.body) });
  }
  return differences;
}

function isSameTrigger(expected: ExpectedTrigger, found: LiveTrigger): boolean {
  return (
    found.type === expected.type &&
    found.oldTable === expected.oldTable &&
    found.newTable === expected.newTable &&
    !found.narrowed &&
    found.functionSchema === 'public' &&
    found.functionName === expected.functionName
  );
}

function functionOf(live: LiveObjects, name: string): LiveFunction | undefined {
  return live.functions.find((fn) => fn.name === name && fn.args === '');
}

function triggerOf(live: LiveObjects, table: string, name: string): LiveTrigger | undefined {
  return live.triggers.find(
    (trigger) => trigger.schema === 'public' && trigger.table === table && trigger.name === name,
  );
}
