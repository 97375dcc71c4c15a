import type { Way } from './way.ts';

const CHANNELS = 'db/channels.ts';

/** What a migration does to a table that is announced, once the types are generated. */
export const MIGRATED: readonly Way[] = [
  {
    way: 'A migration renames a column',
    migration: (db) => db.schema.alterTable('role').renameColumn('name', 'title').execute(),
    scope: 'everything',
    places: [
      {
        file: CHANNELS,
        line: "columns: ['id', 'team_id', 'name', 'pages']",
        code: 'TS2322',
        says: '"name"',
      },
    ],
  },
  {
    way: 'A migration drops a column',
    migration: (db) => db.schema.alterTable('flow_element_instance').dropColumn('completed_at').execute(),
    scope: 'definitions',
    places: [{ file: CHANNELS, line: "'completed_at'", code: 'TS2820', says: '"completed_at"' }],
  },
  {
    way: "A migration changes a column's type",
    migration: (db) =>
      db.schema
        .alterTable('profile_team')
        .alterColumn('is_owner', (column) => column.setDataType('text'))
        .execute(),
    scope: 'everything',
    places: [
      {
        file: 'apps/server/src/realtime/viewer.ts',
        line: 'isOwner: event.is_owner',
        code: 'TS2322',
        says: "'string' is not assignable to type 'boolean'",
      },
    ],
  },
  {
    way: 'A migration lets a column be null',
    migration: (db) =>
      db.schema
        .alterTable('flow_element_instance')
        .alterColumn('team_id', (column) => column.dropNotNull())
        .execute(),
    scope: 'everything',
    places: [
      {
        file: 'apps/web/src/live.ts',
        line: 'getQueryKey(task.list, { teamId })',
        code: 'TS2322',
        says: 'null',
      },
    ],
  },
];
