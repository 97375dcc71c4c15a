import { MantineProvider } from '@mantine/core';
import type { AppRouter } from '@processflow/server';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { useState, type ReactNode } from 'react';

import { trpc } from './trpc.ts';
import { ConfirmProvider } from './ui/confirm.tsx';

/** What the server answers, by procedure: `'team.mine'`. Anything else is refused. */
export type Answers = Readonly<Record<string, (input: unknown) => unknown>>;

/** The theme, one person's cache and a server that only knows these answers. */
export function TestApp({ answers, queryClient, children }: TestAppProps) {
  const [trpcClient] = useState(() => trpc.createClient({ links: [answering(answers)] }));
  return (
    <MantineProvider env="test">
      <trpc.Provider client={trpcClient} queryClient={queryClient}>
        <QueryClientProvider client={queryClient}>
          <ConfirmProvider>{children}</ConfirmProvider>
        </QueryClientProvider>
      </trpc.Provider>
    </MantineProvider>
  );
}

interface TestAppProps {
  readonly answers: Answers;
  readonly queryClient: QueryClient;
  readonly children: ReactNode;
}

/** Like the app's, but it gives up at once. */
export function createTestQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: false, networkMode: 'always', staleTime: 60_000 } },
  });
}

function answering(answers: Answers): TRPCLink<AppRouter> {
  return () =>
    ({ op }) =>
      observable((observer) => {
        const answer = answers[op.path];
        if (!answer) {
          observer.error(new TRPCClientError(`No answer for ${op.path}`));
          return;
        }
        Promise.resolve(answer(op.input)).then(
          (data) => {
            observer.next({ result: { type: 'data', data } });
            observer.complete();
          },
          (error: unknown) => observer.error(TRPCClientError.from(error as Error)),
        );
      });
}
