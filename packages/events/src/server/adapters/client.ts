import { createTRPCClient, createWSClient, httpSubscriptionLink, wsLink } from '@trpc/client';
import type { inferProcedureInput, inferProcedureOutput } from '@trpc/server';
import { EventSource } from 'eventsource';
import { SuperJSON } from 'superjson';
import { expect, vi } from 'vitest';
import { WebSocket } from 'ws';

import { trpcSource } from '../../live/source.ts';
import type { LiveState } from '../../live/status.ts';
import { createLiveStore } from '../../live/store.ts';
import type { AppEvent, Application } from './application.ts';

/** Waits until it holds. */
export function until(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 10_000, interval: 5 });
}

/** Headers are how sessions travel; browsers send theirs as cookies by themselves. */
function eventSourceOptions(person: string | undefined) {
  return {
    fetch: (url: string | URL, init: RequestInit) => {
      const headers = new Headers(init.headers);
      if (person !== undefined) headers.set('authorization', `Bearer ${person}`);
      return fetch(url, { ...init, headers });
    },
  };
}

type Frame =
  inferProcedureOutput<Application['plain']['changes']> extends AsyncIterable<infer Item> ? Item : never;

/** The subscription as both clients offer it: with and without a transformer, its types are the same. */
export interface Changes {
  subscribe(
    input: inferProcedureInput<Application['plain']['changes']>,
    handlers: {
      onData?: (frame: Frame) => void;
      onError?: (error: unknown) => void;
      onComplete?: () => void;
    },
  ): { unsubscribe(): void };
}

export function plainClient(port: number, person?: string): { readonly changes: Changes } {
  const url = `http://127.0.0.1:${port}/trpc`;
  return createTRPCClient<Application['plain']>({
    links: [httpSubscriptionLink({ url, EventSource, eventSourceOptions: eventSourceOptions(person) })],
  });
}

/** The same client with superjson on both sides. */
export function transformingClient(port: number, person?: string): { readonly changes: Changes } {
  const url = `http://127.0.0.1:${port}/trpc`;
  return createTRPCClient<Application['transforming']>({
    links: [
      httpSubscriptionLink({
        url,
        EventSource,
        eventSourceOptions: eventSourceOptions(person),
        transformer: SuperJSON,
      }),
    ],
  });
}

/** Over a WebSocket, which is closed again with its last subscription. */
export function webSocketClient(
  port: number,
  person?: string | (() => string),
): { readonly changes: Changes } {
  const client = createWSClient({
    url: `ws://127.0.0.1:${port}/trpc`,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    connectionParams: () => {
      const name = typeof person === 'function' ? person() : person;
      return name === undefined ? {} : { person: name };
    },
    lazy: { enabled: true, closeMs: 0 },
    retryDelayMs: () => 5,
  });
  return createTRPCClient<Application['plain']>({ links: [wsLink({ client })] });
}

/** One subscription without the live store: what tRPC itself makes of the stream. */
export function listenTo(changes: Changes, input?: Parameters<Changes['subscribe']>[0]) {
  const frames: { readonly id: string; readonly data: unknown }[] = [];
  const errors: unknown[] = [];
  const subscription = changes.subscribe(input, {
    onData: (frame) => void frames.push({ id: frame.id, data: frame.data }),
    onError: (error) => void errors.push(error),
  });
  return {
    frames,
    errors,
    data: () => frames.map((frame) => frame.data),
    /** Waits for the first frame, after which every event is heard. */
    stands: () => until(() => expect(frames.length).toBeGreaterThan(0)),
    [Symbol.dispose]: () => subscription.unsubscribe(),
  };
}

/** The kit's own client: the live store on a tRPC subscription. */
export function live(changes: Changes) {
  const store = createLiveStore({
    source: trpcSource(changes),
    backoff: { min: 5, max: 40 },
    firstAnswerMs: 1000,
    lingerMs: 1,
  });
  const heard: AppEvent[] = [];
  const resyncs: string[] = [];
  const reasons: string[] = [];
  store.subscribeStatus(() => reasons.push(store.getStatus().reason));
  const remove = store.addListener({
    onEvent: (event) => void heard.push(event),
    onResync: ({ reason }) => void resyncs.push(reason),
  });
  return {
    store,
    heard,
    resyncs,
    reasons,
    remove,
    becomes: (state: LiveState) => until(() => expect(store.getStatus().state).toBe(state)),
    [Symbol.dispose]: () => store.close(),
  };
}
