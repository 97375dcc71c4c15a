import type { ChangeEvents } from '../../packages/events/src/index.ts';
import { listenForChanges } from '../../packages/events/src/postgres/index.ts';
import { createHub, topicAccess } from '../../packages/events/src/server/index.ts';
import { channels, type Database, TOPIC } from './writes-tables.ts';

export type BenchEvent = ChangeEvents<Database, typeof channels>;

/** What an application's server has: a hub with ears. Everybody may hear the one topic. */
export async function startHub(options: {
  readonly connectionString: string;
  readonly onError: (error: unknown) => void;
  readonly queueLimit?: number;
}) {
  const { connectionString, onError, queueLimit } = options;
  const hub = createHub<string, { topics: ReadonlySet<string>; expiresAt: number }, BenchEvent>({
    definitions: channels,
    onError,
    ...(queueLimit !== undefined && { queueLimit }),
    ...topicAccess<string, BenchEvent>({
      definitions: channels,
      viewer: () => Promise.resolve({ topics: [TOPIC] }),
    }),
  });
  const listener = await listenForChanges({ definitions: channels, hub, connectionString, onError });
  return { hub, listener, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}
