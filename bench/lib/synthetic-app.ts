import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** Where the events' types come from. What uses them is the same, letter for letter. */
export type Style = 'kit' | 'by hand';

export interface SyntheticApp extends AsyncDisposable {
  readonly folder: string;
}

interface Size {
  readonly style: Style;
  readonly channels: number;
  readonly tables: number;
}

const COLUMNS = ['id', 'team_id', 'name', 'status', 'note', 'created_at', 'done_at', 'tags'];

/** An app with nothing but tables, channels, rules and a screen for each channel, in a temporary folder. */
export async function syntheticApp({ style, channels, tables }: Size): Promise<SyntheticApp> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'processflow-bench-')));
  const events = join(root, 'packages', 'events');
  const modules = {
    '@processflow/events': events,
    '@tanstack/react-query': join(events, 'node_modules', '@tanstack', 'react-query'),
  };
  for (const [name, target] of Object.entries(modules)) {
    const link = join(folder, 'node_modules', name);
    // oxlint-disable-next-line no-await-in-loop
    await mkdir(dirname(link), { recursive: true });
    // oxlint-disable-next-line no-await-in-loop
    await symlink(await realpath(target), link);
  }
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { types: [] },
    include: ['*.ts'],
    exclude: [],
  };
  const numbers = Array.from({ length: channels }, (_, number) => number);
  const files = {
    'tsconfig.json': JSON.stringify(config),
    'package.json': '{ "type": "module" }',
    'database.ts': databaseSource(tables),
    'events.ts': style === 'kit' ? kitSource(numbers, tables) : handSource(numbers),
    'rules.ts': rulesSource(numbers, style),
    ...Object.fromEntries(numbers.map((number) => [`screen-${number}.ts`, screenSource(number)])),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

function databaseSource(tables: number): string {
  const names = Array.from({ length: tables }, (_, table) => `table_${table}`);
  const columns =
    "id: number; team_id: number; name: string; status: 'Open' | 'Done'; note: string | null; " +
    'created_at: Date; done_at: Date | null; tags: string[]; secret: string;';
  return `export interface Database {\n${names.map((name) => `  ${name}: { ${columns} };\n`).join('')}}\n`;
}

function kitSource(numbers: readonly number[], tables: number): string {
  const list = COLUMNS.map((column) => `'${column}'`).join(', ');
  const definitions = numbers.map(
    (number) =>
      `  channel_${number}: { table: 'table_${number % tables}', columns: [${list}], audience: ['team:{team_id}'] },\n`,
  );
  return `import { type ChangeEvents, defineChannels } from '@processflow/events';
import type { Database } from './database.ts';

export const channels = defineChannels<Database>()({
${definitions.join('')}});

export type Event = ChangeEvents<Database, typeof channels>;
`;
}

function handSource(numbers: readonly number[]): string {
  const columns = COLUMNS.map((column) => `'${column}'`).join(' | ');
  return numbers
    .map(
      (number) => `interface Columns${number} {
  readonly channel: 'channel_${number}';
  readonly seq: number;
  readonly announced_at: string;
  readonly truncated?: readonly (${columns})[];
  readonly id: number;
  readonly team_id: number;
  readonly name: string;
  readonly status: 'Open' | 'Done';
  readonly note: string | null;
  readonly created_at: string;
  readonly done_at: string | null;
  readonly tags: string[];
}
interface Insert${number} extends Columns${number} {
  readonly operation: 'INSERT';
}
interface Delete${number} extends Columns${number} {
  readonly operation: 'DELETE';
}
interface Update${number} extends Columns${number} {
  readonly operation: 'UPDATE';
  readonly changed: readonly (${columns})[];
}
`,
    )
    .concat(
      `export type Event =\n${numbers.map((number) => `  | Insert${number}\n  | Delete${number}\n  | Update${number}\n`).join('')};\n`,
    )
    .join('');
}

function rulesSource(numbers: readonly number[], style: Style): string {
  const type =
    style === 'kit'
      ? "import type { Rules } from '@processflow/events/react';\n"
      : `import type { QueryFilters } from '@tanstack/react-query';

interface Rule<One> {
  readonly all: readonly QueryFilters[];
  event?(event: One): readonly QueryFilters[];
}
type Rules<All extends { readonly channel: string }> = {
  readonly [Channel in All['channel']]: Rule<Extract<All, { readonly channel: Channel }>>;
};
`;
  const rules = numbers.map(
    (number) =>
      `  channel_${number}: { all: [{ queryKey: [${number}] }], event: ({ id, team_id }) => [{ queryKey: [${number}, team_id, id] }] },\n`,
  );
  return `import type { Event } from './events.ts';\n${type}\nexport const rules = {\n${rules.join('')}} satisfies Rules<Event>;\n`;
}

function screenSource(number: number): string {
  return `import type { Event } from './events.ts';

export function onEvent(event: Event): string | undefined {
  if (event.channel !== 'channel_${number}') return undefined;
  if (event.operation === 'UPDATE' && event.changed.includes('status')) return event.status;
  return event.done_at === null ? event.name.trim() : event.tags.join(event.note ?? event.created_at);
}
`;
}
