/** A process of its own: one connection that LISTENs and reads each payload. */
import { createPool } from '../../db/client.ts';
import { Tally } from './ear-process.ts';
import { USUAL_CHANNEL } from './writes-tables.ts';

interface Payload {
  readonly row: { readonly id: number; readonly value: number };
}

const tally = new Tally();
const pool = createPool(process.argv[2]!, { applicationName: 'bench-usual' });
const client = await pool.connect();
client.on('notification', ({ payload }) => {
  const { row }: Payload = JSON.parse(payload ?? '');
  tally.hear(`${row.id} ${row.value}`);
});
await client.query(`LISTEN ${USUAL_CHANNEL}`);
await tally.answer();
client.release();
await pool.end();
