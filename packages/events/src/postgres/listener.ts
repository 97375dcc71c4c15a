import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { pauseBefore } from '../backoff.ts';
import { EventsError } from '../error.ts';
import { identifier } from './trigger-sql.ts';

const SECOND = 1_000;

export interface ListenOptions {
  readonly connectionString: string;
  readonly channels: readonly string[];
  /** What was notified, in commit order, and by which backend. */
  readonly onNotification: (channel: string, payload: string, processId: number) => void;
  /** The listener hears again after it was away: anything may have been missed. Called before what is new. */
  readonly onGap: () => void;
  /** Something went wrong that the listener recovers from by itself. */
  readonly onError: (error: unknown) => void;
  readonly onState?: (state: ListenerState) => void;
  /** Milliseconds between proofs that the connection lives and still listens. */
  readonly heartbeat?: number;
  /** Milliseconds after which an unanswered connection is given up. */
  readonly timeout?: number;
  /** Longest pause between attempts, in milliseconds. */
  readonly longestPause?: number;
}

export type ListenerState = 'connecting' | 'listening' | 'closed';

export interface Listener extends AsyncDisposable {
  readonly state: ListenerState;
}

/**
 * Listens on one dedicated connection for as long as the process lives: it survives a terminated backend, a
 * database restart, a connection that went silent and one whose LISTEN is gone. Resolves once it first listens;
 * rejects with {@link EventsError} `cannot-listen` if that first attempt fails. Later ones are told to `onError`.
 *
 * @example
 * await using listener = await listen({ connectionString, channels: ['role_changes'], onNotification, onGap, onError });
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const closing = new AbortController();
  let state: ListenerState = 'connecting';
  const enter = (next: ListenerState): void => {
    if (state === next) return;
    state = next;
    options.onState?.(next);
  };

  let connection = await attach(options, closing.signal);
  enter('listening');

  const done = (async () => {
    while (!closing.signal.aborted) {
      await connection.lost;
      connection.cut();
      if (closing.signal.aborted) break;
      enter('connecting');
      const next = await reattach();
      if (next === undefined) break;
      connection = next;
      enter('listening');
    }
    enter('closed');
  })();

  async function reattach(): Promise<Attachment | undefined> {
    for (let attempt = 0; !closing.signal.aborted; attempt += 1) {
      const pause = pauseBefore(attempt, { min: 50, max: options.longestPause ?? 10 * SECOND }, Math.random);
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => undefined);
      if (closing.signal.aborted) return undefined;
      try {
        return await attach(options, closing.signal, options.onGap);
      } catch (error) {
        if (!closing.signal.aborted) options.onError(error);
      }
    }
    return undefined;
  }

  return {
    get state() {
      return state;
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      connection.cut();
      await done;
    },
  };
}

interface Attachment {
  /** Settles when the connection is gone, silent, or listens no longer. */
  readonly lost: Promise<void>;
  /** Destroys the connection at once; a dead one would never answer a polite goodbye. */
  readonly cut: () => void;
}

async function attach(
  options: ListenOptions,
  closing: AbortSignal,
  onAttached?: () => void,
): Promise<Attachment> {
  const timeout = options.timeout ?? 5 * SECOND;
  const client = new pg.Client({
    connectionString: options.connectionString,
    application_name: 'listener',
    keepAlive: true,
    connectionTimeoutMillis: timeout,
    query_timeout: timeout,
  });
  const ended = Promise.withResolvers<void>();
  let cut = false;
  client.on('end', () => ended.resolve());
  client.on('error', (error) => {
    if (!cut) options.onError(error);
    ended.resolve();
  });
  const attachment: Attachment = {
    lost: ended.promise,
    cut: () => {
      cut = true;
      ended.resolve();
      streamOf(client).destroy();
    },
  };
  closing.addEventListener('abort', attachment.cut, { once: true });
  void ended.promise.then(() => closing.removeEventListener('abort', attachment.cut));

  try {
    await client.connect();
    // What arrives between LISTEN and its answer is new already, so the gap must be told of before it.
    let held: pg.Notification[] | undefined = [];
    const pass = ({ channel, payload, processId }: pg.Notification): void => {
      try {
        options.onNotification(channel, payload ?? '', processId);
      } catch (error) {
        options.onError(error);
      }
    };
    client.on('notification', (notification) => (held ? held.push(notification) : pass(notification)));
    await client.query(options.channels.map((channel) => `LISTEN ${identifier(channel)}`).join(';'));
    onAttached?.();
    const early = held;
    held = undefined;
    early.forEach(pass);
  } catch (error) {
    attachment.cut();
    throw cannotListen(`Cannot listen on ${options.channels.join(', ')}: ${reasonOf(error)}.`, error);
  }
  void beat(client, options, ended.promise).then(ended.resolve);
  return attachment;
}

/** Resolves when the connection has stopped answering or listening. */
async function beat(client: pg.Client, options: ListenOptions, ended: Promise<void>): Promise<void> {
  const gone = new AbortController();
  void ended.then(() => gone.abort());
  for (;;) {
    await sleep(options.heartbeat ?? 10 * SECOND, undefined, { signal: gone.signal }).catch(() => undefined);
    if (gone.signal.aborted) return;
    try {
      const { rows } = await client.query<{ channel: string }>('SELECT pg_listening_channels() AS channel');
      const heard = new Set(rows.map((row) => row.channel));
      const silent = options.channels.filter((channel) => !heard.has(channel));
      if (silent.length > 0) {
        options.onError(
          cannotListen(`The connection no longer listens on ${silent.join(', ')}; connecting again.`),
        );
        return;
      }
    } catch (error) {
      if (!gone.signal.aborted) options.onError(error);
      return;
    }
  }
}

function cannotListen(what: string, cause?: unknown): EventsError {
  return new EventsError(
    'cannot-listen',
    `${what} Give "connectionString" a direct connection to PostgreSQL: a pooler that hands connections on between transactions loses LISTEN.`,
    { cause },
  );
}

/** Node's error for a name with several addresses has no text of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '' || !('code' in error)) return error.message;
  return String(error.code);
}

/** node-postgres does not type its socket; destroying it is the only way to leave a connection that is silent. */
function streamOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
