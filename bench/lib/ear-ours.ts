/** A process of its own, as an application's server: listener, pump, hub, and one stream that is read. */
import type { ChangeEvents } from '../../packages/events/src/index.ts';
import { listenForChanges } from '../../packages/events/src/postgres/index.ts';
import { createHub, topicAccess } from '../../packages/events/src/server/index.ts';
import { Tally } from './ear-process.ts';
import { channels, type Database, MANY_ROWS, TOPIC } from './writes-tables.ts';

type BenchEvent = ChangeEvents<Database, typeof channels>;

const connectionString = process.argv[2]!;
const tally = new Tally();
const onError = (error: unknown): void => tally.complain(String(error));
const closing = new AbortController();

const hub = createHub<string, { topics: ReadonlySet<string>; expiresAt: number }, BenchEvent>({
  definitions: channels,
  onError,
  // So that the large statement is heard row by row, too, instead of as one resync.
  queueLimit: 2 * MANY_ROWS,
  ...topicAccess<string, BenchEvent>({
    definitions: channels,
    viewer: () => Promise.resolve({ topics: [TOPIC] }),
  }),
});
await using listener = await listenForChanges({ definitions: channels, hub, connectionString, onError });
if (listener.state !== 'listening') tally.complain(`The listener is ${listener.state}`);

const stream = await hub.subscribe({ key: 'bench', signal: closing.signal });
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
