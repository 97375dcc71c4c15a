/** A small browser application with tRPC and React Query; `with.tsx` is the same, live. */
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { createRoot } from 'react-dom/client';
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

function Notes() {
  const { data } = useQuery({ queryKey: ['notes'], queryFn: () => client.notes.query() });
  return (
    <ul>
      {data?.map(({ id, text }) => (
        <li key={id}>{text}</li>
      ))}
    </ul>
  );
}

client.changes.subscribe(undefined, { onData: ({ id }) => console.log(id) });

createRoot(document.body).render(
  <QueryClientProvider client={queryClient}>
    <Notes />
  </QueryClientProvider>,
);
