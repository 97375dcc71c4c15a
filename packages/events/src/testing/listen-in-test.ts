import type { ChannelDefinitions } from '../contract.ts';
import { EventsError } from '../error.ts';
import type { AnyChangeEvent, Announcement, Operation } from '../event.ts';
import { createDecoder } from '../postgres/decode.ts';
import { identifier } from '../postgres/trigger-sql.ts';

export interface ListenInTestOptions {
  readonly connectionString: string;
  /** The application's channels, those of `defineChannels`. */
  readonly definitions: ChannelDefinitions;
  /** How long `heard` waits, in milliseconds. Default: 5,000. */
  readonly timeoutMs?: number;
}

/** The events that can come on one of these channels; of an untyped event, any. */
type OnChannel<Event, Channel> = Event extends { readonly channel: infer Own }
  ? [Channel & Own] extends [never]
    ? never
    : Event
  : never;

/** The events that can have one of these operations. */
type WithOperation<Event, Op> = Event extends { readonly operation: infer Own }
  ? [Op & Own] extends [never]
    ? never
    : Event
  : never;

type Columns<Event> = Event extends unknown
  ? { readonly [Column in Exclude<keyof Event, 'channel' | 'operation'>]?: Event[Column] }
  : never;

/** What an event is to look like: any of its columns, each with the value it must have. */
export type Matching<Event, Op extends Operation> = { readonly operation?: Op } & Columns<
  WithOperation<Event, Op>
>;

/** The event that was heard, narrowed by the operation that was asked for. */
export type HeardEvent<Event, Channel, Op> = WithOperation<OnChannel<Event, Channel>, Op> & {
  readonly operation: Op;
};

/** A test's ear at the database. Each event is heard once: what a call gave out, no later one finds. */
export interface TestListener<Event extends AnyChangeEvent> extends AsyncDisposable {
  /**
   * Waits for an event of the channel with these values, and takes it out of what was heard. Rejects with
   * {@link EventsError} `not-heard`, which lists what was heard instead.
   */
  heard<const Channel extends Event['channel'], const Op extends Operation = Operation>(
    channel: Channel,
    matching?: Matching<OnChannel<Event, Channel>, Op>,
  ): Promise<HeardEvent<Event, Channel, Op>>;
  /** The same for "anything on this channel may have changed": a TRUNCATE, or a row too large to be sent. */
  heardResync(channel: Event['channel']): Promise<void>;
  /**
   * Proves that nothing else was announced by what was committed before this call. It does not wait: a marker of its
   * own follows the events through the database. Rejects with {@link EventsError} `heard-more`, which lists them.
   */
  nothingMore(): Promise<void>;
}

type Heard = Announcement | { readonly kind: 'marker'; readonly number: string };

interface Waiter {
  wants(heard: Heard): boolean;
  resolve(heard: Heard): void;
  reject(error: Error): void;
}

const SECOND = 1_000;

/**
 * Listens at a real database for what the triggers announce, so that a test can say what was heard and prove that
 * nothing else was. `Event` is the application's union, `ChangeEvents<Database, typeof channels>`.
 *
 * @example
 * await using ear = await listenInTest<AppEvent>({ connectionString, definitions: channels });
 * await db.updateTable('role').set({ name: 'Clerk' }).where('id', '=', 7).execute();
 * const event = await ear.heard('role_changes', { operation: 'UPDATE', id: 7 });
 * console.log(event.changed); // ['name']
 * await ear.nothingMore();
 */
export async function listenInTest<Event extends AnyChangeEvent = AnyChangeEvent>(
  options: ListenInTestOptions,
): Promise<TestListener<Event>> {
  const { connectionString, definitions, timeoutMs = 5 * SECOND } = options;
  // Not at the top: whoever tests components imports this entry too, and need not have it.
  const { Client } = (await import('pg')).default;
  const client = new Client({ connectionString, application_name: 'listen-in-test' });
  const decode = createDecoder(definitions);
  // Two ears at one database must not take each other's marker for their own.
  const markers = `listen_in_test_${crypto.randomUUID()}`;
  const unclaimed: Announcement[] = [];
  const waiters = new Set<Waiter>();
  let broken: Error | undefined;
  let markersSent = 0;

  function fail(error: Error): void {
    broken ??= error;
    for (const waiter of waiters) waiter.reject(broken);
    waiters.clear();
  }

  function hear(heard: Heard): void {
    for (const waiter of waiters) {
      if (!waiter.wants(heard)) continue;
      waiters.delete(waiter);
      return waiter.resolve(heard);
    }
    if (heard.kind !== 'marker') unclaimed.push(heard);
  }

  client.on('notification', ({ channel, payload = '' }) => {
    try {
      hear(channel === markers ? { kind: 'marker', number: payload } : decode(channel, payload));
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
  const lost = (cause?: Error): void =>
    fail(
      new EventsError(
        'not-heard',
        'listenInTest: its connection to the database was lost; what was announced since is not known.',
        { cause },
      ),
    );
  client.on('error', lost);
  client.on('end', lost);
  await client.connect();
  try {
    const names = [...Object.keys(definitions), markers];
    await client.query(names.map((name) => `LISTEN ${identifier(name)}`).join(';'));
  } catch (error) {
    await client.end();
    throw error;
  }

  function next(wants: Waiter['wants'], sought: string): Promise<Heard> {
    if (broken !== undefined) return Promise.reject(broken);
    const at = unclaimed.findIndex(wants);
    if (at >= 0) return Promise.resolve(unclaimed.splice(at, 1)[0] as Announcement);
    const { promise, resolve, reject } = Promise.withResolvers<Heard>();
    const waiter: Waiter = { wants, resolve, reject };
    waiters.add(waiter);
    const timer = setTimeout(() => {
      waiters.delete(waiter);
      reject(
        new EventsError(
          'not-heard',
          `Not heard within ${timeoutMs} ms: ${sought}. ${listOf(unclaimed, 'Heard instead')} ` +
            'Was it committed, and are the triggers there?',
        ),
      );
    }, timeoutMs);
    return promise.finally(() => clearTimeout(timer));
  }

  return {
    async heard(channel, matching) {
      const wanted = { ...matching, channel };
      const heard = await next(
        (candidate) => candidate.kind === 'change' && agrees(candidate.event, wanted),
        JSON.stringify(wanted),
      );
      // It agrees with what was asked for, from which the type follows.
      return (heard as Extract<Heard, { kind: 'change' }>).event as never;
    },
    async heardResync(channel) {
      await next(
        (candidate) => candidate.kind === 'resync' && candidate.channel === channel,
        `a resync of channel "${channel}"`,
      );
    },
    async nothingMore() {
      const number = String((markersSent += 1));
      const came = next(
        (candidate) => candidate.kind === 'marker' && candidate.number === number,
        'the marker',
      );
      const sending = client.query('SELECT pg_notify($1, $2)', [markers, number]);
      await Promise.all([came, sending]);
      if (unclaimed.length === 0) return;
      throw new EventsError(
        'heard-more',
        `More was announced than the test expects. ${listOf(unclaimed, 'Heard')} ` +
          'Expect these with heard(), or find out who wrote them.',
      );
    },
    async [Symbol.asyncDispose]() {
      client.removeListener('end', lost);
      await client.end();
      fail(
        new EventsError('not-heard', 'listenInTest: disposed of while heard() still waited. Await it first.'),
      );
    },
  };
}

/** True when the event has every one of these values; compared as JSON, which is what events travel as. */
function agrees(event: AnyChangeEvent, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(
    ([column, value]) => JSON.stringify(event[column]) === JSON.stringify(value),
  );
}

function listOf(announcements: readonly Announcement[], intro: string): string {
  if (announcements.length === 0) return `${intro}: nothing.`;
  const lines = announcements.map((heard) =>
    heard.kind === 'change' ? JSON.stringify(heard.event) : `a resync of channel "${heard.channel}"`,
  );
  return `${intro}:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
