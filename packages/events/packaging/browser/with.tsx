/** `without.tsx` with all that the kit has for browsers. */
import {
  createInvalidator,
  createLiveStore,
  createRealtime,
  keys,
  trpcSource,
} from '@processflow/events/react';
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { createRoot } from 'react-dom/client';
import type { AppEvent } from '../stranger/channels.ts';
import type { AppRouter } from '../stranger/server.ts';

const url = '/trpc';
const client = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: ({ type }) => type === 'subscription',
      true: httpSubscriptionLink({ url }),
      false: httpBatchLink({ url }),
    }),
  ],
});
const queryClient = new QueryClient();

const store = createLiveStore<AppEvent>({ source: trpcSource(client.changes) });
const invalidator = createInvalidator<AppEvent>(queryClient, {
  rules: { note_changes: { all: keys(['notes']) } },
});
const { LiveProvider, useLiveStatus, useRealtimeSubscription } = createRealtime<AppEvent>();

function Notes() {
  const { data } = useQuery({ queryKey: ['notes'], queryFn: () => client.notes.query() });
  useRealtimeSubscription({ channels: ['note_changes'], onEvent: ({ id }) => console.log(id) });
  return (
    <ul title={useLiveStatus().reason}>
      {data?.map(({ id, text }) => (
        <li key={id}>{text}</li>
      ))}
    </ul>
  );
}

createRoot(document.body).render(
  <QueryClientProvider client={queryClient}>
    <LiveProvider store={store} invalidator={invalidator}>
      <Notes />
    </LiveProvider>
  </QueryClientProvider>,
);
