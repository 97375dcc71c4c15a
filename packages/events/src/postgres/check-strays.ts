import type { ChannelDefinitions } from '../contract.ts';
import { functionSql, type LiveFunction, type LiveTrigger } from './check-catalog.ts';
import type { Difference, Repair } from './check-difference.ts';
import { sharedFunctions } from './check-expected.ts';
import { enabledSql, type LiveObjects } from './check-triggers.ts';
import { CHANGE_VERBS, functionName, triggerName } from './trigger-sql.ts';

const TRIGGER_NAMES = new Set(CHANGE_VERBS.map(triggerName));

/** Triggers and functions of our naming, and triggers that call our functions, that no definition explains. */
export function checkStrays(definitions: ChannelDefinitions, live: LiveObjects): Difference[] {
  const channels = new Map(Object.entries(definitions).map(([channel, { table }]) => [table, channel]));
  const explained = new Set([
    ...[...channels.keys()].flatMap((table) =>
      CHANGE_VERBS.map((verb) => key(functionName(table, verb), '')),
    ),
    ...sharedFunctions().map(({ name, args }) => key(name, args)),
  ]);
  const functions = live.functions.filter(({ name, args }) => !explained.has(key(name, args)));
  const triggers = live.triggers.filter(
    ({ schema, table, name }) => schema !== 'public' || !channels.has(table) || !TRIGGER_NAMES.has(name),
  );
  const isStray = new Set(triggers);
  const called = new Set<LiveFunction>();
  const ofTriggers = triggers.map((trigger): Difference => {
    // What a channel's trigger calls as well goes with that one.
    const own = functions.find(
      (fn) => calls(trigger, fn) && live.triggers.every((other) => isStray.has(other) || !calls(other, fn)),
    );
    if (own !== undefined) called.add(own);
    const channel = trigger.schema === 'public' ? channels.get(trigger.table) : undefined;
    const expected =
      channel === undefined
        ? 'nothing: no channel announces this table'
        : `nothing: channel "${channel}" announces this table with triggers of its own; one more announces its changes twice`;
    return {
      kind: 'stray',
      ...(channel !== undefined && { channel }),
      table: trigger.table,
      what: `trigger ${trigger.quoted} on ${trigger.target}`,
      expected,
      found: trigger.sql,
      advice: live.close,
      repair: removal(trigger, own),
    };
  });
  const ofFunctions = functions
    .filter((fn) => !called.has(fn))
    .map((fn): Difference => {
      const callers = live.triggers.filter((trigger) => !isStray.has(trigger) && calls(trigger, fn));
      const needs = [...new Set(callers.flatMap(({ table }) => channels.get(table) ?? []))];
      const callerNames = callers.map(({ quoted, target }) => `${quoted} on ${target}`).join(', ');
      return {
        kind: 'stray',
        ...(needs.length === 1 && { channel: needs[0] as string }),
        what: `function ${fn.signature}`,
        expected: 'nothing: no channel needs it',
        found:
          callers.length === 0
            ? 'a function of this naming that nothing of ours calls'
            : `a function that only triggers call that should call others: ${callerNames}`,
        advice: live.close,
        repair: { needs, first: [`DROP FUNCTION IF EXISTS ${fn.signature}`], before: functionSql(fn) },
      };
    });
  return [...ofTriggers, ...ofFunctions];
}

function removal(trigger: LiveTrigger, own: LiveFunction | undefined): Repair {
  const before = [...(own === undefined ? [] : functionSql(own)), trigger.sql, ...enabledSql(trigger)];
  // The triggers of a channel that is no more go together.
  const isWhole =
    own !== undefined &&
    trigger.schema === 'public' &&
    CHANGE_VERBS.some(
      (verb) => triggerName(verb) === trigger.name && functionName(trigger.table, verb) === own.name,
    );
  if (isWhole) return { first: [], dropTriggersOf: trigger.table, before };
  return {
    first: [
      `DROP TRIGGER IF EXISTS ${trigger.quoted} ON ${trigger.target}`,
      ...(own === undefined ? [] : [`DROP FUNCTION IF EXISTS ${own.signature}`]),
    ],
    before,
  };
}

function calls({ functionSchema, functionName: name }: LiveTrigger, fn: LiveFunction): boolean {
  return functionSchema === 'public' && name === fn.name && fn.args === '';
}

function key(name: string, args: string): string {
  return `${name}(${args})`;
}
