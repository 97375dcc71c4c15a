import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { testDatabase } from './testing.ts';

test('bigint is a number, and one that would be rounded throws', async () => {
  await using database = await testDatabase({ migrated: false });
  const { rows } = await sql<{ count: number }>`SELECT count(*) FROM generate_series(1, 3)`.execute(
    database.db,
  );
  expect(rows).toEqual([{ count: 3 }]);
  await expect(sql`SELECT 9007199254740993::bigint`.execute(database.db)).rejects.toThrow('cast it to text');
});
