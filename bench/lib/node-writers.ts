/** A process of its own: some of the writers, where there is no pgbench. Says what they wrote, and ends. */
import { createPool } from '../../db/client.ts';
import { ROWS_OF_A_WRITER, type Style, updateOne } from './writes-tables.ts';

const [connectionString, style, seconds, first, writers] = process.argv.slice(2) as [
  string,
  Style,
  string,
  string,
  string,
];
const pool = createPool(connectionString, { max: Number(writers), applicationName: 'bench-writers' });
const clients = await Promise.all(Array.from({ length: Number(writers) }, () => pool.connect()));
const statement = { name: 'update_one', text: updateOne(style, '$1') };

let transactions = 0;
const began = performance.now();
const end = began + Number(seconds) * 1_000;
await Promise.all(
  clients.map(async (client, number) => {
    const base = (Number(first) + number) * ROWS_OF_A_WRITER;
    while (performance.now() < end) {
      // oxlint-disable-next-line no-await-in-loop -- a writer waits for its commit, as pgbench's does
      await client.query({ ...statement, values: [base + Math.floor(Math.random() * ROWS_OF_A_WRITER)] });
      transactions += 1;
    }
  }),
);
const elapsed = (performance.now() - began) / 1_000;
for (const client of clients) client.release();
await pool.end();
process.send?.({ transactions, perSecond: transactions / elapsed }, () => process.disconnect());
