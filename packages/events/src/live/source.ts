import type { StreamEvent } from '../event.ts';

/** Any event that names its channel. */
export interface ChannelEvent {
  readonly channel: string;
}

/** One data frame of the stream: an event and the position after it. */
export interface Frame<Event extends ChannelEvent> {
  readonly id: string;
  readonly data: StreamEvent<Event>;
}

/** How the transport sees its connection; `connecting` with an error means that it was lost. */
export interface ConnectionState {
  readonly state: 'idle' | 'connecting' | 'pending';
  readonly error?: unknown;
}

export interface LiveHandlers<Event extends ChannelEvent> {
  onData(frame: Frame<Event>): void;
  onError(error: unknown): void;
  onComplete(): void;
  onConnectionStateChange(connection: ConnectionState): void;
}

/** Where the live store gets its stream from. `open` returns how to close it. */
export interface LiveSource<Event extends ChannelEvent> {
  open(input: { lastEventId?: string }, handlers: LiveHandlers<Event>): () => void;
}

/** A tRPC subscription as its client offers it, for example `client.realtime.changes`. */
interface Subscribable<Data> {
  subscribe(input: { lastEventId?: string }, handlers: Heard<Data>): { unsubscribe(): void };
}

interface Heard<Data> {
  onData: (frame: Data) => void;
  onError: (error: unknown) => void;
  onComplete: () => void;
  onConnectionStateChange: (connection: ConnectionState) => void;
}

/** The same since tRPC 11.25, where a subscription can be iterated as well: its last signature is the one read. */
interface IterableSubscribable<Data> {
  readonly subscribe: Subscribable<Data>['subscribe'] &
    ((input: { lastEventId?: string }, options?: object) => AsyncIterable<Data>);
}

/** The change events among what a stream carries. */
type ChangesIn<Data> = Data extends { readonly channel: 'position' | 'resync' }
  ? never
  : Data extends ChannelEvent
    ? Data
    : never;

/**
 * Makes a source of a tRPC subscription whose output is tracked; the event types come from the procedure.
 *
 * @example
 * createLiveStore({ source: trpcSource(client.realtime.changes) });
 */
export function trpcSource<Data extends ChannelEvent>(
  procedure: IterableSubscribable<{ id: string; data: Data }>,
): LiveSource<ChangesIn<Data>>;
export function trpcSource<Data extends ChannelEvent>(
  procedure: Subscribable<{ id: string; data: Data }>,
): LiveSource<ChangesIn<Data>>;
export function trpcSource<Data extends ChannelEvent>(
  procedure: Subscribable<{ id: string; data: Data }>,
): LiveSource<ChangesIn<Data>> {
  return {
    open(input, handlers) {
      // What is left of the union beside the change events is `position` and `resync`, which the types cannot see.
      const heard = handlers as LiveHandlers<ChannelEvent> as Heard<{ id: string; data: Data }>;
      const subscription = procedure.subscribe(input, heard);
      return () => subscription.unsubscribe();
    },
  };
}

const FINAL_CODES = ['UNAUTHORIZED', 'FORBIDDEN', 'BAD_REQUEST', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE'] as const;
type FinalCode = (typeof FINAL_CODES)[number];

/** The error's tRPC code, if it is one that asking again does not change. */
export function finalCodeOf(error: unknown): FinalCode | undefined {
  const code = saidBy(error, 'code');
  return FINAL_CODES.find((final) => final === code);
}

const MAX_RETRY_AFTER_MS = 10 * 60_000;

/** How long the server asked not to be asked again, in milliseconds; 0 if it did not. */
export function retryAfterOf(error: unknown): number {
  const asked = saidBy(error, 'retryAfterMs');
  // A timer of the browser's would take too large a number for "at once".
  return typeof asked === 'number' && asked > 0 ? Math.min(asked, MAX_RETRY_AFTER_MS) : 0;
}

/** The error's message, without the machine's noise around it. */
export function messageOf(error: unknown): string {
  const message = propertyOf(error, 'message');
  return typeof message === 'string' ? message : '';
}

/** Why the connection was lost, in words for people. */
export function lossOf(error: unknown): string {
  const message = messageOf(error);
  if (message.startsWith('Timeout of')) return 'Nothing was heard from the server for a while';
  // Only the server's own error has a shape; one of the connection says nothing that helps a person.
  if (propertyOf(error, 'shape') === undefined || finalCodeOf(error) !== undefined || !message) {
    return 'The connection to the server was lost';
  }
  if (saidBy(error, 'code') !== 'TOO_MANY_REQUESTS') return `The server reported an error (${message})`;
  return `Live updates are paused. ${message.replace(/\.$/, '')}`;
}

/** True for "you may have missed something". */
export function isResync<Event extends ChannelEvent>(
  event: Frame<Event>['data'],
): event is Extract<Frame<ChannelEvent>['data'], { readonly channel: 'resync'; readonly reason: unknown }> {
  return event.channel === 'resync';
}

/** True for a frame that brings nothing but its position. */
export function isPosition<Event extends ChannelEvent>(
  event: Frame<Event>['data'],
): event is Extract<Frame<ChannelEvent>['data'], { readonly channel: 'position'; readonly sent?: number }> {
  return event.channel === 'position';
}

/** The event's number, by which one that comes twice is recognised. */
export function seqOf(event: object): unknown {
  return propertyOf(event, 'seq');
}

/** What the server's error says of itself. */
function saidBy(error: unknown, name: string): unknown {
  return propertyOf(propertyOf(error, 'data'), name);
}

function propertyOf(value: unknown, name: string): unknown {
  // Nothing but these two has no properties.
  return (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
}
