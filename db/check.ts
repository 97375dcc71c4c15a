import { checkChannels, describeDifferences, type Difference } from '@processflow/events/postgres';
import type { Kysely } from 'kysely';
import { channels } from './channels.ts';
import { columnTypes } from './types.ts';

export { describeDifferences };

/** Every way in which the database is not what `channels.ts` and the generated types say. */
export async function findDifferences(db: Pick<Kysely<unknown>, 'getExecutor'>): Promise<Difference[]> {
  return await checkChannels(db, channels, {
    columnTypes,
    commands: { types: 'npm run db:types', migration: 'npm run db -- make-migration' },
  });
}
