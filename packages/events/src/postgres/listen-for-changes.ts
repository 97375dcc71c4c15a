import type { BatchSink } from '../batch.ts';
import type { ChannelDefinitions } from '../contract.ts';
import { EventsError } from '../error.ts';
import { LOG_CHANNEL } from './change-log-sql.ts';
import { listen, type ListenerState, type ListenOptions } from './listener.ts';
import { connectToLog } from './log-connection.ts';
import type { PrunerMetrics, PumpMetrics, SourceMetrics } from './metrics.ts';
import { startPruner } from './prune-regularly.ts';
import { startPump } from './pump.ts';
import type { Retention } from './retention.ts';
import { createSource } from './source.ts';

export interface ListenForChangesOptions extends Omit<
  ListenOptions,
  'channels' | 'onNotification' | 'onGap'
> {
  readonly definitions: ChannelDefinitions;
  /** What takes the batches in. */
  readonly hub: BatchSink;
  /** Told of every notification as it comes, whoever sent it: any role may notify anything. Must not throw. */
  readonly onNotification?: (channel: string, payload: string) => void;
  /** Events that one read of the log may bring; who is further behind starts over. Default: 10,000. */
  readonly readLimit?: number;
  /** Milliseconds after which the log is read though nothing was heard. Default: 1,000. */
  readonly safetyInterval?: number;
  /** False: never take the pump's word for what is in the log, but read it. Default: true. */
  readonly marks?: boolean;
  /** False: never notify in the writers' place, as one of an application's servers does while they are many. Default: true. */
  readonly pump?: boolean;
  /** How much of the change log is kept: `hours` and `events`, whichever is less. Default: 24 hours, 1,000,000 events. */
  readonly keep?: Partial<Retention>;
}

/** The application's one ear at the database. */
export interface ChangeListener extends AsyncDisposable {
  readonly state: ListenerState;
  /** What it did since it began, in numbers. */
  readonly metrics: Readonly<SourceMetrics>;
  /** What it did as the pump, or that another server is it. */
  readonly pump: PumpMetrics | undefined;
  /** What it did to keep the change log to its size. */
  readonly pruner: PrunerMetrics;
}

/**
 * Gives the hub ears, until it is disposed: one connection that listens on every channel, and one that reads the
 * change log, so that what was committed while nothing was heard comes too, in its place. Of all servers of a database
 * one is the pump: while writers are so many that notifying would hold them up, it notifies in their place; and one
 * prunes the log. An event that cannot be read is reported to `onError`, and its channel's streams are told to refetch:
 * something changed there.
 * Rejects with {@link EventsError} `cannot-listen` when the first attempt fails; later ones are reported and repeated.
 *
 * @example
 * await using listener = await listenForChanges({ definitions: channels, hub, connectionString, onError: console.error });
 */
export async function listenForChanges({
  definitions,
  hub,
  readLimit,
  safetyInterval,
  marks,
  pump: mayPump = true,
  keep,
  onNotification,
  ...options
}: ListenForChangesOptions): Promise<ChangeListener> {
  await using opening = new AsyncDisposableStack();
  const { connectionString, onError, longestPause, timeout } = options;
  const channels = Object.keys(definitions);
  const source = opening.use(
    createSource({
      definitions,
      sink: hub,
      log: connectToLog({ connectionString, timeout }),
      onError,
      readLimit,
      safetyInterval,
      longestPause,
      marks,
    }),
  );
  // Listen first, then read: nothing falls between the two.
  const listener = opening.use(
    await listen({
      ...options,
      channels: [...channels, LOG_CHANNEL],
      onNotification: (channel, payload, processId) => {
        source.hear({ channel, payload }, processId);
        onNotification?.(channel, payload);
      },
      onGap: () => source.listening(),
    }),
  );
  try {
    await source.begin();
  } catch (error) {
    throw new EventsError(
      'cannot-listen',
      `Cannot read the change log: ${error instanceof Error ? error.message : String(error)}. ` +
        'createChangeEvents makes it, and "connectionString" must be of the role that owns it.',
      { cause: error },
    );
  }
  const pump = mayPump ? opening.use(startPump({ connectionString, channels, onError })) : undefined;
  const pruner = opening.use(startPruner({ connectionString, onError, retention: keep }));
  const stack = opening.move();
  return {
    get state() {
      return listener.state;
    },
    metrics: source.metrics,
    pump: pump?.metrics,
    pruner: pruner.metrics,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
