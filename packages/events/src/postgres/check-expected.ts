/** What the database should have, read from the very statements that would make it. */
import type { ChannelDefinition } from '../contract.ts';
import type { LiveFunction, LiveTrigger } from './check-catalog.ts';
import { EventsError } from '../error.ts';
import { CREATE_SHARED_SQL } from './shared-sql.ts';
import {
  type ChangeVerb,
  createFunctionSql,
  createTriggerSql,
  functionName,
  qualified,
  triggerName,
} from './trigger-sql.ts';

export type ExpectedFunction = Omit<LiveFunction, 'sql' | 'signature' | 'isPublic'>;

export type ExpectedTrigger = Pick<
  LiveTrigger,
  'table' | 'name' | 'type' | 'oldTable' | 'newTable' | 'functionName'
> & { readonly sql: string };

const SHARED_FUNCTION = /^CREATE OR REPLACE FUNCTION public\.(\w+)\((.*)\) RETURNS (\w+)\n/;
const SHARED_SEQUENCE = /^CREATE SEQUENCE IF NOT EXISTS public\.(\w+) /;

/** The functions that all triggers share. */
export function sharedFunctions(): ExpectedFunction[] {
  return CREATE_SHARED_SQL.flatMap((statement) => {
    const [, name, args, returns] = SHARED_FUNCTION.exec(statement) ?? [];
    return name === undefined || args === undefined || returns === undefined
      ? []
      : [{ name, args, returns, ...parsed(statement) }];
  });
}

/** The sequences that they take numbers from. */
export function sharedSequences(): string[] {
  return CREATE_SHARED_SQL.flatMap((statement) => SHARED_SEQUENCE.exec(statement)?.[1] ?? []);
}

/** How {@link readSequence} shows a sequence that is as it should be. */
export function sequenceSql(name: string): string {
  return `SEQUENCE public.${name} AS bigint INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1 NO CYCLE`;
}

export function expectedFunction(
  channel: string,
  definition: ChannelDefinition,
  verb: ChangeVerb,
): ExpectedFunction {
  const name = functionName(definition.table, verb);
  // What comes after the name cannot be mistaken, whatever the name says.
  const head = `CREATE FUNCTION ${qualified(name)}()`;
  const rest = createFunctionSql(channel, definition, verb).slice(head.length);
  return { name, args: '', returns: 'trigger', ...parsed(rest) };
}

/** A row trigger's bit is 1, a BEFORE trigger's 2: an AFTER trigger for each statement has its operation's alone. */
const TYPES: Record<ChangeVerb, number> = { insert: 4, delete: 8, update: 16, truncate: 32 };

export function expectedTrigger(definition: ChannelDefinition, verb: ChangeVerb): ExpectedTrigger {
  const statement = createTriggerSql(definition, verb);
  return {
    table: definition.table,
    name: triggerName(verb),
    type: TYPES[verb],
    oldTable: /OLD TABLE AS (\w+)/.exec(statement)?.[1] ?? null,
    newTable: /NEW TABLE AS (\w+)/.exec(statement)?.[1] ?? null,
    functionName: functionName(definition.table, verb),
    sql: statement,
  };
}

function parsed(statement: string): Omit<ExpectedFunction, 'name' | 'args' | 'returns'> {
  const found = /\nLANGUAGE (\w+) (SECURITY DEFINER )?((?:SET .*)?)\s+AS (\$\w+\$)/.exec(statement);
  if (found === null) throw new EventsError('bad-definition', `The statement cannot be read: ${statement}`);
  const [head, language, definer, settings, tag] = found as unknown as [
    string,
    string,
    string?,
    string?,
    string?,
  ];
  const start = found.index + head.length;
  return {
    language,
    definer: definer !== undefined,
    config: [...(settings ?? '').matchAll(/SET (\w+) = (.*?)(?= SET |$)/g)]
      .map(([, setting, value]) => `${setting}=${(value as string).replace(/^'(.*)'$/, '$1')}`)
      .toSorted(),
    body: statement.slice(start, statement.lastIndexOf(tag as string)),
    traits: '',
  };
}
