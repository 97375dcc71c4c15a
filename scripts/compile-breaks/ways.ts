import type { Place, Way } from './way.ts';
import { MIGRATED } from './ways-of-the-database.ts';

const CHANNELS = 'db/channels.ts';
const TYPES = 'db/types.ts';
const VIEWER = 'apps/server/src/realtime/viewer.ts';
const RULES = 'apps/web/src/live.ts';
const SCREEN = 'apps/web/src/features/task/use-others-changes.ts';

/** Breaks the definition of a channel; the compiler says so where it stands. */
function inDefinition(
  way: string,
  [find, replacement]: readonly [string, string],
  place: Omit<Place, 'file'>,
  more: Way['edits'] = [],
): Way {
  return {
    way,
    edits: [[CHANNELS, find, replacement], ...more],
    scope: 'definitions',
    places: [{ file: CHANNELS, ...place }],
  };
}

/** Breaks one line of a screen that hears events. */
function inScreen(
  way: string,
  [find, replacement]: readonly [string, string],
  place: Omit<Place, 'file'>,
): Way {
  return {
    way,
    edits: [[SCREEN, find, replacement]],
    scope: 'live',
    places: [{ file: SCREEN, ...place }],
  };
}

function inRules(
  way: string,
  [find, replacement]: readonly [string, string],
  place: Omit<Place, 'file'>,
): Way {
  return {
    way,
    edits: [[RULES, find, replacement]],
    scope: 'live',
    places: [{ file: RULES, ...place }],
  };
}

const ON_EVENT = 'const doer = doerOf(event, shown(event.id));';
const ROLES = `  role_changes: {
    table: 'role',
    columns: ['id', 'team_id', 'name', 'pages'],
    audience: ['team:{team_id}'],
    whole: ['pages'],
  },`;

export const WAYS: readonly Way[] = [
  ...MIGRATED,
  {
    way: 'A channel is removed',
    edits: [[CHANNELS, ROLES, '']],
    scope: 'everything',
    places: [
      { file: VIEWER, line: "case 'role_changes'", code: 'TS2678', says: '"role_changes"' },
      {
        file: RULES,
        line: 'role_changes: access',
        code: 'TS2353',
        says: "'role_changes' does not exist in type",
      },
    ],
  },
  {
    way: 'A channel is added without an invalidation rule',
    edits: [
      [
        CHANNELS,
        '  session_changes: {',
        "  step_changes: { table: 'flow_element', columns: ['id', 'team_id'], audience: ['team:{team_id}'] },\n  session_changes: {",
      ],
    ],
    scope: 'everything',
    places: [
      { file: RULES, line: 'satisfies Rules<LiveEvent>', code: 'TS2741', says: "'step_changes' is missing" },
    ],
  },
  inDefinition('A definition names a table that is not there', ["table: 'role',", "table: 'roles',"], {
    line: "table: 'roles'",
    code: 'TS2820',
    says: '"roles"',
  }),
  inDefinition('It carries a column that is not there', ["'name', 'pages'],", "'nmae', 'pages'],"], {
    line: "'nmae'",
    code: 'TS2322',
    says: '"nmae"',
  }),
  inDefinition(
    'Its audience names a column that is not there',
    [ROLES, ROLES.replace('{team_id}', '{teem_id}')],
    { line: "'team:{teem_id}'", code: 'TS2322', says: 'teem_id' },
  ),
  inDefinition(
    'Its audience names a column that it does not carry',
    ["audience: ['team:{id}']", "audience: ['team:{owner_id}']"],
    { line: "'team:{owner_id}'", code: 'TS2322', says: 'owner_id' },
  ),
  inDefinition('It watches a column that is not there', ["whole: ['pages'],", "watch: ['nmae'],"], {
    line: "watch: ['nmae']",
    code: 'TS2322',
    says: '"nmae"',
  }),
  inDefinition('One of its options is misspelt', ["whole: ['pages'],", "wathc: ['pages'],"], {
    line: "wathc: ['pages']",
    code: 'TS2322',
    says: 'there is no such option',
  }),
  inDefinition('Its key is a column that it does not carry', ["whole: ['pages'],", "key: ['colour'],"], {
    line: "key: ['colour']",
    code: 'TS2322',
    says: '"colour"',
  }),
  inDefinition(
    'It carries a bigint that JSON cannot hold, without "text"',
    ["columns: ['id', 'name', 'created_at'],", "columns: ['id', 'name', 'created_at', 'visits'],"],
    { line: "'visits'", code: 'TS2322', says: 'visits: list it in ' },
    [
      [
        TYPES,
        'export interface Team {',
        'export interface Team {\n  visits: ColumnType<string, bigint | number>;',
      ],
    ],
  ),
  inDefinition(
    'It carries a column whose name the events need themselves',
    ["columns: ['id', 'name', 'created_at'],", "columns: ['id', 'name', 'created_at', 'operation'],"],
    { line: "'operation'", code: 'TS2322', says: 'this name is reserved' },
    [[TYPES, 'export interface Team {', 'export interface Team {\n  operation: string;']],
  ),
  inDefinition('A channel takes a name that the stream needs itself', ['  role_changes: {', '  resync: {'], {
    line: 'resync: {',
    code: 'TS2322',
    says: 'this name is reserved for the stream itself',
  }),
  inScreen('A screen reads `event.stauts`', ['instanceId: event.is_part_of,', 'instanceId: event.stauts,'], {
    line: 'event.stauts',
    code: 'TS2551',
    says: "Did you mean 'status'?",
  }),
  inScreen(
    'It reads a column that the channel does not carry',
    ['instanceId: event.is_part_of,', 'instanceId: event.role_id,'],
    { line: 'event.role_id', code: 'TS2339', says: "'role_id' does not exist" },
  ),
  inScreen(
    "It compares `operation` with 'UPSERT'",
    [ON_EVENT, `if (event.operation === 'UPSERT') return;\n      ${ON_EVENT}`],
    { line: "'UPSERT'", code: 'TS2367', says: '"UPSERT"' },
  ),
  inScreen(
    'It compares a column with a value that the table refuses',
    [ON_EVENT, `if (event.status === 'Complete') return;\n      ${ON_EVENT}`],
    { line: "'Complete'", code: 'TS2367', says: '"Complete"' },
  ),
  inScreen(
    'It takes a timestamp for a Date, which JSON does not know',
    [ON_EVENT, `if (event.started_at.getTime() > 0) return;\n      ${ON_EVENT}`],
    { line: 'event.started_at.getTime()', code: 'TS2339', says: "'getTime' does not exist on type 'string'" },
  ),
  inScreen(
    'It reads `changed` of an INSERT',
    [ON_EVENT, `if (event.operation === 'INSERT' && event.changed.length > 0) return;\n      ${ON_EVENT}`],
    { line: 'event.changed', code: 'TS2339', says: "'changed' does not exist" },
  ),
  inScreen(
    'It asks whether a column changed that the channel does not name',
    [
      ON_EVENT,
      `if (event.operation === 'UPDATE' && event.changed.includes('role_id')) return;\n      ${ON_EVENT}`,
    ],
    { line: "'role_id'", code: 'TS2345', says: '"role_id"' },
  ),
  inScreen(
    'It subscribes to a channel that does not exist',
    ["channels: ['flow_element_instance_changes'],", "channels: ['flow_elment_instance_changes'],"],
    {
      line: "channels: ['flow_elment_instance_changes']",
      code: 'TS2820',
      says: '"flow_elment_instance_changes"',
    },
  ),
  inScreen(
    'It subscribes to a channel that only servers hear',
    ["channels: ['flow_element_instance_changes'],", "channels: ['session_changes'],"],
    { line: "channels: ['session_changes']", code: 'TS2322', says: '"session_changes"' },
  ),
  {
    way: 'Its `onEvent` is typed for another channel',
    edits: [
      [SCREEN, 'import { useRealtimeSubscription }', 'import { useRealtimeSubscription, type LiveEvent }'],
      [SCREEN, 'onEvent(event) {', "onEvent(event: Extract<LiveEvent, { channel: 'role_changes' }>) {"],
    ],
    scope: 'live',
    places: [{ file: SCREEN, line: 'onEvent(event: ', code: 'TS2322', says: 'role_changes' }],
  },
  {
    way: 'A test waits for an event with a column that the channel does not carry',
    files: {
      'db/ear.ts': `import { listenInTest } from '@processflow/events/testing';

import { type AnyEvent, channels } from './channels.ts';

await using ear = await listenInTest<AnyEvent>({ connectionString: '', definitions: channels });
await ear.heard('role_changes', { operation: 'UPDATE', id: 7 });
await ear.heard('role_changes', { operation: 'UPDATE', titel: 'Clerk' });
`,
    },
    scope: 'everything',
    places: [{ file: 'db/ear.ts', line: "titel: 'Clerk'", code: 'TS2353', says: "'titel' does not exist" }],
  },
  inRules(
    'An invalidation rule names a procedure that is not there',
    [
      'getQueryKey(role.list, { teamId }),\n      ),\n  },\n  process_instance_changes',
      'getQueryKey(role.lists, { teamId }),\n      ),\n  },\n  process_instance_changes',
    ],
    { line: 'getQueryKey(role.lists', code: 'TS2551', says: "'lists'" },
  ),
  inRules(
    'It names one with a wrong input',
    ['getQueryKey(invitation.list, { teamId })', 'getQueryKey(invitation.list, { team: teamId })'],
    { line: '{ team: teamId }', code: 'TS2353', says: "'team' does not exist" },
  ),
  inRules(
    'It reads a column that its channel does not carry',
    ['({ id, team_id: teamId, is_part_of }) =>', '({ id, team_id: teamId, role_id, is_part_of }) =>'],
    { line: 'role_id', code: 'TS2339', says: "'role_id' does not exist" },
  ),
  {
    way: "A router's output changes under the web app",
    edits: [
      ['apps/server/src/role/queries.ts', 'memberCount: number;', 'members: number;'],
      ['apps/server/src/role/queries.ts', ".as('memberCount')", ".as('members')"],
    ],
    scope: 'everything',
    places: [
      {
        file: 'apps/web/src/features/role/role-list.tsx',
        line: 'membersWords(role.memberCount)',
        code: 'TS2339',
        says: "'memberCount' does not exist",
      },
    ],
  },
  {
    way: 'The server lets a channel decide access that is not there',
    edits: [
      [VIEWER, "    'role_changes',\n    'session_changes',", "    'rol_changes',\n    'session_changes',"],
    ],
    scope: 'everything',
    places: [{ file: VIEWER, line: "'rol_changes'", code: 'TS2769', says: 'No overload matches' }],
  },
];
