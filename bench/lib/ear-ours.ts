/** A process of its own, as an application's server: listener, pump, hub, and one stream that is read. */
import { startHub } from './bench-hub.ts';
import { Tally } from './ear-process.ts';
import { MANY_ROWS } from './writes-tables.ts';

const tally = new Tally();
const closing = new AbortController();
await using server = await startHub({
  connectionString: process.argv[2]!,
  onError: (error) => tally.complain(String(error)),
  // So that the large statement is heard row by row, too, instead of as one resync.
  queueLimit: 2 * MANY_ROWS,
});

const stream = await server.hub.subscribe({ key: 'bench', signal: closing.signal });
await stream.next();
const reading = (async () => {
  for await (const { data } of stream) {
    if (data.channel === 'position') continue;
    if (data.channel === 'resync') tally.complain(`resync: ${data.reason}`);
    else tally.hear(data.seq, Date.parse(data.announced_at));
  }
})();
await tally.answer();
closing.abort();
await reading;
