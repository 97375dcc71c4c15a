import type { Migration } from 'kysely/migration';

import * as people from './0001_people.ts';
import * as teams from './0002_teams.ts';
import * as processes from './0003_processes.ts';
import * as announcements from './0004_announcements.ts';
import * as changedColumns from './0005_changed_columns.ts';
import * as apiTokens from './0006_api_tokens.ts';
import * as probe from './0007_probe.ts';
import * as changeLog from './0008_change_log.ts';

/** All migrations, in the order of their names. A migration that was released is never changed. */
export const migrations: Record<string, Migration> = {
  '0001_people': people,
  '0002_teams': teams,
  '0003_processes': processes,
  '0004_announcements': announcements,
  '0005_changed_columns': changedColumns,
  '0006_api_tokens': apiTokens,
  '0007_probe': probe,
  '0008_change_log': changeLog,
};
