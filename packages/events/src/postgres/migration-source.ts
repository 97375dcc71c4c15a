import type { ChannelDefinitions } from '../contract.ts';
import { EventsError } from '../error.ts';
import type { Difference, Repair } from './check-difference.ts';

export interface MigrationSource {
  /** The migration's TypeScript; undefined when no difference can be closed by one. */
  readonly source: string | undefined;
  /** Differences that it closes. */
  readonly closed: readonly Difference[];
  /** Differences that no migration of triggers closes; each one's `advice` says what does. */
  readonly open: readonly Difference[];
}

/** With these, a channel's triggers are refused, would fail every write, or be others once the definition is mended. */
const BLOCKING: readonly Difference['kind'][] = [
  'table-gone',
  'unsuitable-table',
  'unsuitable-column',
  'unsuitable-channel',
  'column-gone',
  'not-a-key',
];

/**
 * Writes the Kysely migration that closes the differences found by `checkChannels`: up makes the triggers anew from
 * the definitions, which stand in it as they are now; down puts back what is there now, as PostgreSQL writes it.
 * Throws {@link EventsError} `unknown-channel` when the differences are not of these definitions.
 *
 * @example
 * const { source, open } = migrationSource(await checkChannels(db, channels), channels);
 */
export function migrationSource(
  differences: readonly Difference[],
  definitions: ChannelDefinitions,
): MigrationSource {
  const blocked = new Set(
    differences.filter(({ kind }) => BLOCKING.includes(kind)).map(({ channel }) => channel),
  );
  const isClosed = ({ repair, channel }: Difference): boolean =>
    repair !== undefined &&
    !(repair.create === 'channel' && blocked.has(channel)) &&
    repair.needs?.some((needed) => blocked.has(needed)) !== true;
  const closed = differences.filter(isClosed);
  const open = differences.filter((difference) => !isClosed(difference));
  return { source: closed.length === 0 ? undefined : write(closed, definitions), closed, open };
}

function write(closed: readonly Difference[], definitions: ChannelDefinitions): string {
  const anew = new Map(
    closed
      .filter(({ repair }) => repair?.create === 'channel')
      .map(({ channel = '' }) => [channel, definitionOf(channel, definitions)]),
  );
  // A trigger that is made anew is enabled, and its whole channel is put back when this is taken back.
  const repairs = closed
    .filter(({ repair, channel }) => repair?.last === undefined || !anew.has(channel ?? ''))
    .map(({ repair }) => repair as Repair);
  const all = (part: (repair: Repair) => readonly string[] | undefined): string[] => [
    ...new Set(repairs.flatMap((repair) => part(repair) ?? [])),
  ];
  const parts = {
    removed: triggersFirst(all(({ first }) => first)),
    enabled: all(({ last }) => last),
    undone: all(({ undo }) => undo),
    before: functionsFirst(all(({ before }) => before)),
    tables: all(({ dropTriggersOf }) => (dropTriggersOf === undefined ? [] : [dropTriggersOf])),
    isShared: repairs.some(({ create }) => create === 'shared'),
    anew,
  };
  return [head(parts), up(parts), down(parts)].join('\n');
}

interface Parts {
  readonly removed: readonly string[];
  readonly enabled: readonly string[];
  readonly undone: readonly string[];
  readonly before: readonly string[];
  readonly tables: readonly string[];
  readonly isShared: boolean;
  readonly anew: ReadonlyMap<string, object>;
}

function head({ removed, enabled, undone, before, tables, isShared, anew }: Parts): string {
  const imports = [
    isShared && 'createChangeEvents',
    anew.size > 0 && 'createChangeTriggers',
    (anew.size > 0 || tables.length > 0) && 'dropChangeTriggers',
  ].filter((name) => name !== false);
  const lists = { removed, enabled, undone, before };
  const hasSql = Object.values(lists).some((list) => list.length > 0);
  const reasons = {
    removed: 'What is in the way of what the definitions say.',
    enabled: 'What must fire again.',
    undone: 'What was not there.',
    before: 'What was there, as PostgreSQL wrote it.',
  };
  return [
    ...(imports.length > 0 ? [`import { ${imports.join(', ')} } from '@processflow/events/postgres';`] : []),
    `import { type Kysely${hasSql ? ', sql' : ''} } from 'kysely';`,
    '',
    ...(anew.size === 0
      ? []
      : [
          '/** The channels as they were when this migration was written. */',
          `const channels = ${value(Object.fromEntries(anew))};`,
          '',
        ]),
    ...Object.entries(lists).flatMap(([name, list]) =>
      list.length === 0
        ? []
        : [`/** ${reasons[name as keyof typeof reasons]} */`, `const ${name} = ${value(list)};`, ''],
    ),
  ].join('\n');
}

function up({ removed, enabled, tables, isShared, anew }: Parts): string {
  return block('up', [
    ...(removed.length > 0 ? [run('removed')] : []),
    ...tables.map((table) => `await dropChangeTriggers(db, ${text(table)});`),
    ...(isShared ? ['await createChangeEvents(db);'] : []),
    ...(anew.size > 0
      ? [
          'for (const [channel, definition] of Object.entries(channels)) {',
          '  await dropChangeTriggers(db, definition.table);',
          '  await createChangeTriggers(db, channel, definition);',
          '}',
        ]
      : []),
    ...(enabled.length > 0 ? [run('enabled')] : []),
  ]);
}

function down({ undone, before, anew }: Parts): string {
  return block('down', [
    ...(anew.size > 0
      ? ['for (const { table } of Object.values(channels)) await dropChangeTriggers(db, table);']
      : []),
    ...(undone.length > 0 ? [run('undone')] : []),
    ...(before.length > 0 ? [run('before')] : []),
  ]);
}

function block(name: string, lines: readonly string[]): string {
  return `export async function ${name}(db: Kysely<unknown>): Promise<void> {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}

function run(list: string): string {
  return `for (const statement of ${list}) await sql.raw(statement).execute(db);`;
}

function definitionOf(channel: string, definitions: ChannelDefinitions): object {
  const definition = definitions[channel];
  if (definition !== undefined) return definition;
  throw new EventsError(
    'unknown-channel',
    `A difference is of channel "${channel}", which is not defined. Defined: ${Object.keys(definitions).join(', ')}. Give the definitions that were checked.`,
  );
}

/** A function cannot go before the triggers that call it. */
function triggersFirst(statements: readonly string[]): string[] {
  return statements.toSorted((a, b) => rank(a, 'DROP TRIGGER') - rank(b, 'DROP TRIGGER'));
}

/** A trigger cannot come before its function, nor be disabled before it is there. */
function functionsFirst(statements: readonly string[]): string[] {
  const order = (statement: string): number =>
    2 * rank(statement, 'CREATE OR REPLACE FUNCTION') + rank(statement, 'CREATE');
  return statements.toSorted((a, b) => order(a) - order(b));
}

function rank(statement: string, start: string): number {
  return statement.startsWith(start) ? 0 : 1;
}

/** A plain value as TypeScript source. */
function value(plain: unknown, margin = ''): string {
  const inner = `${margin}  `;
  if (typeof plain === 'string') return text(plain);
  if (Array.isArray(plain)) {
    const short = `[${plain.map((item) => value(item)).join(', ')}]`;
    if (short.length < 80 && !short.includes('\n')) return short;
    return `[\n${plain.map((item) => `${inner}${value(item, inner)},\n`).join('')}${margin}]`;
  }
  if (typeof plain === 'object' && plain !== null) {
    const lines = Object.entries(plain).map(
      ([name, item]) => `${inner}${property(name)}: ${value(item, inner)},\n`,
    );
    return `{\n${lines.join('')}${margin}}`;
  }
  return String(plain);
}

function property(name: string): string {
  // As a plain property, `__proto__` would be the object's prototype.
  if (name === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name);
}

/** Statements keep their lines, and their carriage returns, which a template would swallow. */
function text(content: string): string {
  const isLong = content.includes('\n');
  const quote = isLong ? '`' : "'";
  const special = isLong ? /[\\`]|\$(?=\{)/g : /[\\']/g;
  return `${quote}${content.replaceAll(special, String.raw`\$&`).replaceAll('\r', String.raw`\r`)}${quote}`;
}
