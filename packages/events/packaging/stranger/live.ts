import {
  createInvalidator,
  createLiveStore,
  createRealtime,
  keys,
  trpcSource,
  type LiveStore,
  type Rules,
} from '@processflow/events/react';
import type { QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import { createElement, type ReactElement } from 'react';
import { type AppEvent, contract } from './channels.ts';
import type { AppRouter } from './server.ts';

export function createClient(url: string) {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({ url, EventSource }),
        false: httpBatchLink({ url }),
      }),
    ],
  });
}

export function createStore(client: ReturnType<typeof createClient>): LiveStore<AppEvent> {
  return createLiveStore<AppEvent>({ source: trpcSource(client.changes), contract });
}

const rules: Rules<AppEvent> = { note_changes: { all: keys(['notes']) } };

export function keepTrue(queryClient: QueryClient) {
  return createInvalidator<AppEvent>(queryClient, { rules });
}

const { LiveProvider, useLiveStatus, useRealtimeSubscription } = createRealtime<AppEvent>();

function Connection(): ReactElement {
  useRealtimeSubscription({ channels: ['note_changes'], onEvent: (event) => console.log(event.text) });
  return createElement('output', null, useLiveStatus().state);
}

export function page(store: LiveStore<AppEvent>): ReactElement {
  return createElement(LiveProvider, { store }, createElement(Connection));
}
