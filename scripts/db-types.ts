import { writeFile } from 'node:fs/promises';
import { createDb, createPool } from '../db/client.ts';
import { generateTypes } from '../db/generate-types.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { startThrowawayPostgres } from '../db/testing-server.ts';

await using server = await startThrowawayPostgres();
await using db = createDb(createPool(server.connectionString));
await migrateToLatest(db);
const file = new URL('../db/types.ts', import.meta.url);
await writeFile(file, await generateTypes(db));
console.log('db/types.ts is written.');
