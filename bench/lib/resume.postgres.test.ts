import { expect, test, vi } from 'vitest';

import { testDatabase } from '../../db/testing.ts';
import { comeBack, comeBackFromElsewhere, hearAndBreakOff } from './resume-lives.ts';
import { createTable } from './writes-tables.ts';

vi.setConfig({ testTimeout: 60_000 });

test('those who come back hear the rest, and one who hears something twice is found', async () => {
  await using database = await testDatabase({ migrated: false });
  await createTable(database.pool, 'ours');
  const world = { pool: database.pool, connectionString: database.connectionString, streams: 20 };
  const clients = await hearAndBreakOff(world, { before: 40, away: 10 });
  // It believes that it has heard already what came while it was away.
  const { rows } = await database.pool.query<{ id: number }>('SELECT max(id) AS id FROM change_log');
  const mistaken = { ...clients[0]!, heard: new Set([...clients[0]!.heard, rows[0]!.id]) };
  expect(await comeBack(world, [...clients, mistaken])).toMatchObject({ wrong: 1, errors: [] });
  expect(await comeBackFromElsewhere(world)).toMatchObject({ wrong: 0, errors: [] });
});
