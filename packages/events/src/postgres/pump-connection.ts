import pg from 'pg';

import { EventsError } from '../error.ts';
import { set } from './session-settings.ts';

export interface PumpConnectionOptions {
  readonly connectionString: string;
  /** Milliseconds after which an unanswered query means that the connection is dead. */
  readonly timeout: number;
  /** For the session. */
  readonly settings: Readonly<Record<string, string | number>>;
}

export interface PumpConnection {
  readonly client: pg.Client;
  /** Settles when the connection is gone, with the reason where one is known. */
  readonly lost: Promise<unknown>;
  /** Destroys it at once; PostgreSQL then lets go of its locks. */
  readonly cut: (reason?: unknown) => void;
}

/** Rejects with {@link EventsError} `cannot-listen` when there is none to be had. */
export async function connectPump(options: PumpConnectionOptions): Promise<PumpConnection> {
  const client = new pg.Client({
    connectionString: options.connectionString,
    application_name: 'pump',
    keepAlive: true,
    connectionTimeoutMillis: options.timeout,
    query_timeout: options.timeout,
  });
  const { promise: lost, resolve } = Promise.withResolvers<unknown>();
  client.on('error', resolve);
  client.on('end', () => resolve(undefined));
  const cut = (reason?: unknown): void => {
    resolve(reason);
    streamOf(client).destroy();
  };
  try {
    await client.connect().catch((cause: unknown) => {
      throw new EventsError('cannot-listen', 'The pump cannot connect to PostgreSQL; it tries again.', {
        cause,
      });
    });
    await set(client, options.settings);
  } catch (error) {
    cut();
    throw error;
  }
  return { client, lost, cut };
}

/**
 * Whether this came of a query because its connection is gone, and not because the query failed: PostgreSQL says why it
 * ends a session (class 57P) before the connection is seen to end, and node-postgres leaves open one that is silent.
 */
export function saysLost(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.code?.startsWith('57P') === true;
  return error instanceof Error && error.message === 'Query read timeout';
}

/** node-postgres does not type its socket; destroying it is the only way to leave a connection that is silent. */
function streamOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
