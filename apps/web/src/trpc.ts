import type { AppRouter } from '@processflow/server';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { httpBatchLink, type CreateTRPCClientOptions } from '@trpc/client';
import { createTRPCReact } from '@trpc/react-query';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';

import { errorWords, isFinal } from './ui/error-words.ts';

export const trpc = createTRPCReact<AppRouter>();

export type Inputs = inferRouterInputs<AppRouter>;
export type Outputs = inferRouterOutputs<AppRouter>;

/** A page of a team that a role can open. */
export type Page = Outputs['team']['mine'][number]['pages'][number];

const MINUTE = 60_000;

/** For all but the live stream, see stream.ts. */
export function clientOptions(): CreateTRPCClientOptions<AppRouter> {
  return { links: [httpBatchLink({ url: '/api/trpc', maxURLLength: 4000 })] };
}

export interface QueryClientOptions {
  /** The server no longer knows the session. */
  readonly onUnauthorized: () => void;
  /** Whether events arrive: then they say what a mutation changed, otherwise everything is looked at again. */
  readonly isLive: () => boolean;
}

/** One person's cache. */
export function createQueryClient({ onUnauthorized, isLive }: QueryClientOptions): QueryClient {
  const onError = (error: unknown) => {
    if (errorWords(error).code === 'UNAUTHORIZED') onUnauthorized();
  };
  const queryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({
      onError,
      onSuccess: () => {
        if (!isLive()) void queryClient.invalidateQueries();
      },
    }),
    defaultOptions: {
      queries: {
        // Also while the browser says it is offline: a person is told so at once, instead of waiting without a word.
        networkMode: 'always',
        // Events keep what is on screen true; what was left is looked at again when one comes back to it.
        staleTime: MINUTE,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < 2 && !isFinal(error),
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
  return queryClient;
}
