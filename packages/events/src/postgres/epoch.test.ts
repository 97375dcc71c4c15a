import { expect, test } from 'vitest';

import { testDatabase } from '../../../../db/testing.ts';
import { IDENTITY_SQL, resolveEpoch } from './epoch.ts';

test('an epoch begins once, and the reads say so', async () => {
  await using database = await testDatabase();
  const client = await database.pool.connect();
  const first = await resolveEpoch(client);
  expect(first.current).toMatch(/^[\w-]{6}$/);
  expect(await resolveEpoch(client)).toMatchObject({ current: first.current, identity: first.identity });
  const { rows } = await client.query(`SELECT ${IDENTITY_SQL} AS identity`);
  expect(rows).toEqual([{ identity: first.identity }]);
  client.release();
});
