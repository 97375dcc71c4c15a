import pg from 'pg';

import { READING } from './log-reader.ts';
import { set } from './session-settings.ts';

const SECOND = 1_000;

export interface LogConnectionOptions {
  readonly connectionString: string;
  /** Milliseconds after which an unanswered connection is given up. */
  readonly timeout?: number | undefined;
}

/** One connection to read the log on, which is made when it is needed and made anew after anything failed on it. */
export interface LogConnection extends AsyncDisposable {
  use<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>;
}

export function connectToLog({
  connectionString,
  timeout = 10 * SECOND,
}: LogConnectionOptions): LogConnection {
  let current: pg.Client | undefined;
  let closed = false;

  function cut(client: pg.Client): void {
    if (current === client) current = undefined;
    streamOf(client).destroy();
  }

  function create(): pg.Client {
    const client = new pg.Client({
      connectionString,
      application_name: 'log-reader',
      keepAlive: true,
      connectionTimeoutMillis: timeout,
      query_timeout: timeout,
    });
    // Nobody need hear of it while nothing is read; whoever reads then hears of it from the read.
    client.on('error', () => cut(client));
    client.on('end', () => cut(client));
    return client;
  }

  async function open(client: pg.Client): Promise<void> {
    await client.connect();
    await set(client, READING);
  }

  return {
    async use(work) {
      if (closed) throw new Error('The connection to the change log was closed.');
      const known = current;
      const client = known ?? create();
      current = client;
      try {
        if (known === undefined) await open(client);
        return await work(client);
      } catch (error) {
        cut(client);
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      if (current !== undefined) cut(current);
    },
  };
}

/** node-postgres does not type its socket; destroying it is the only way to leave a connection that is silent. */
function streamOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
