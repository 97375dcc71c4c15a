import { createInvalidator, createLiveStore, keys, type Rules, trpcSource } from '@processflow/events/react';
import { QueryClient, useMutation, useQuery } from '@tanstack/react-query';
import type { TRPCClient } from '@trpc/client';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import type { AppEvent, AppRouter } from './server.ts';

export function createApp(client: TRPCClient<AppRouter>, source = trpcSource(client.changes)) {
  const queryClient = new QueryClient();
  const trpc = createTRPCOptionsProxy<AppRouter>({ client, queryClient });
  // #region live
  const rules = { item_changes: { all: keys(trpc.items.pathKey()) } } satisfies Rules<AppEvent>;
  createLiveStore({ source }).addListener(createInvalidator<AppEvent>(queryClient, { rules }));
  // #endregion

  function ShoppingList() {
    const items = useQuery(trpc.items.queryOptions(), queryClient);
    const add = useMutation(trpc.add.mutationOptions(), queryClient);
    const lines = items.data?.map(({ id, name }) => <li key={id}>{name}</li>);
    return (
      <form action={(form) => add.mutate(form.get('name') as string)}>
        <ul>{lines}</ul>
        <input name="name" aria-label="What to buy" required /> <button>Add</button>
      </form>
    );
  }
  return <ShoppingList />;
}
