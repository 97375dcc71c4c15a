import pg from 'pg';

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
  /** Settles when the connection is gone. */
  readonly lost: Promise<void>;
  /** Destroys it at once; PostgreSQL then lets go of its locks. */
  readonly cut: () => void;
}

export async function connectPump(options: PumpConnectionOptions): Promise<PumpConnection> {
  const client = new pg.Client({
    connectionString: options.connectionString,
    application_name: 'pump',
    keepAlive: true,
    connectionTimeoutMillis: options.timeout,
    query_timeout: options.timeout,
  });
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  // What was asked on it fails too, and that is what is reported.
  client.on('error', () => resolve());
  client.on('end', () => resolve());
  const cut = (): void => {
    resolve();
    streamOf(client).destroy();
  };
  try {
    await client.connect();
    await set(client, options.settings);
  } catch (error) {
    cut();
    throw error;
  }
  return { client, lost, cut };
}

/** node-postgres does not type its socket; destroying it is the only way to leave a connection that is silent. */
function streamOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
