// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import { createTRPCClient, unstable_localLink } from '@trpc/client';
import { createTRPCReact, getQueryKey } from '@trpc/react-query';
import { initTRPC } from '@trpc/server';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { createInvalidator, keys, type Rules } from './invalidator.ts';

interface NoteEvent {
  readonly channel: 'notes';
  readonly team: number;
}

const t = initTRPC.create();

/** What the server knows of each team, and how often it was asked. */
function createServer() {
  const truth: Record<number, string> = { 1: 'first', 2: 'first' };
  const asked: string[] = [];
  const team = z.object({ team: z.number() });
  const router = t.router({
    note: t.router({
      list: t.procedure.input(team).query(({ input }) => {
        asked.push(`list ${input.team}`);
        return truth[input.team];
      }),
      pages: t.procedure.input(team.extend({ cursor: z.number().default(0) })).query(({ input }) => {
        asked.push(`page ${input.cursor} of ${input.team}`);
        return { text: `${truth[input.team]} ${input.cursor}`, next: input.cursor === 0 ? 1 : undefined };
      }),
    }),
    other: t.procedure.query(() => {
      asked.push('other');
      return 'other';
    }),
  });
  return { truth, asked, router };
}

type AppRouter = ReturnType<typeof createServer>['router'];

const classic = createTRPCReact<AppRouter>();

function createOptions(router: AppRouter, queryClient: QueryClient) {
  const client = createTRPCClient<AppRouter>({
    links: [unstable_localLink({ router, createContext: async () => ({}) })],
  });
  return createTRPCOptionsProxy<AppRouter>({ client, queryClient });
}

type Options = ReturnType<typeof createOptions>;

/** The ways to write the same two rules: everything, and one team's queries. */
const ways: Record<string, (trpc: Options) => Rules<NoteEvent>> = {
  'getQueryKey of @trpc/react-query': () => ({
    notes: {
      all: keys(getQueryKey(classic.note)),
      event: ({ team }) =>
        keys(getQueryKey(classic.note.list, { team }), getQueryKey(classic.note.pages, { team })),
    },
  }),
  'the keys of @trpc/tanstack-react-query': (trpc) => ({
    notes: {
      all: keys(trpc.note.pathKey()),
      event: ({ team }) =>
        keys(trpc.note.list.queryKey({ team }), trpc.note.pages.infiniteQueryKey({ team })),
    },
  }),
  'the filters of @trpc/tanstack-react-query': (trpc) => ({
    notes: {
      all: [trpc.note.pathFilter()],
      event: ({ team }) => [
        trpc.note.list.queryFilter({ team }),
        trpc.note.pages.infiniteQueryFilter({ team }),
      ],
    },
  }),
};

function setUp(rulesOf: (trpc: Options) => Rules<NoteEvent>) {
  const server = createServer();
  const queryClient = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  const trpc = createOptions(server.router, queryClient);
  const classicClient = classic.createClient({
    links: [unstable_localLink({ router: server.router, createContext: async () => ({}) })],
  });
  const invalidator = createInvalidator<NoteEvent>(queryClient, { rules: rulesOf(trpc), throttleMs: 1 });

  function Team({ team }: { readonly team: number }) {
    const byOptions = useQuery(trpc.note.list.queryOptions({ team }));
    const byHook = classic.note.list.useQuery({ team });
    const pages = useInfiniteQuery(
      trpc.note.pages.infiniteQueryOptions(
        { team },
        { getNextPageParam: ({ next }) => next, initialCursor: 0 },
      ),
    );
    const pagesByHook = classic.note.pages.useInfiniteQuery(
      { team },
      { getNextPageParam: ({ next }) => next, initialCursor: 0 },
    );
    const texts = [byOptions.data, byHook.data, pages.data?.pages, pagesByHook.data?.pages];
    return (
      <>
        <p data-testid={`team ${team}`}>{texts.map((text) => shown(text)).join(' | ')}</p>
        <button type="button" onClick={() => void pages.fetchNextPage()}>
          More of {team}
        </button>
      </>
    );
  }

  function Other() {
    return <p>{useQuery(trpc.other.queryOptions()).data}</p>;
  }

  render(
    <classic.Provider client={classicClient} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>
        <Team team={1} />
        <Team team={2} />
        <Other />
      </QueryClientProvider>
    </classic.Provider>,
  );
  return {
    ...server,
    invalidator,
    shows: (team: number, text: string) =>
      waitFor(() => expect(screen.getByTestId(`team ${team}`).textContent).toBe(text)),
    [Symbol.dispose]: () => invalidator.dispose(),
  };
}

function shown(text: string | undefined | readonly { readonly text: string }[]): string {
  return typeof text === 'object' ? text.map((page) => page.text).join(', ') : (text ?? '...');
}

test.each(Object.entries(ways))(
  '%s name plain and infinite queries, of both libraries',
  async (_, rulesOf) => {
    using given = setUp(rulesOf);
    await given.shows(1, 'first | first | first 0 | first 0');
    await given.shows(2, 'first | first | first 0 | first 0');
    screen.getByRole('button', { name: 'More of 1' }).click();
    await given.shows(1, 'first | first | first 0, first 1 | first 0, first 1');
    given.asked.length = 0;

    given.truth[1] = 'second';
    given.invalidator.onEvent({ channel: 'notes', team: 1 });
    await given.shows(1, 'second | second | second 0, second 1 | second 0, second 1');
    // The two libraries name a query alike, so that each is fetched once; nothing of the other team was.
    expect(given.asked.toSorted()).toEqual(['list 1', 'page 0 of 1', 'page 1 of 1']);

    given.truth[1] = 'third';
    given.truth[2] = 'third';
    await given.invalidator.onResync({ channels: ['notes'] });
    await given.shows(1, 'third | third | third 0, third 1 | third 0, third 1');
    await given.shows(2, 'third | third | third 0 | third 0');
    expect(given.asked).not.toContain('other');
  },
);

test('queryKey() of a procedure names its plain queries alone, pathKey() the infinite ones too', async () => {
  using given = setUp((trpc) => ({
    notes: { all: keys(trpc.note.pathKey()), event: () => keys(trpc.note.pages.queryKey()) },
  }));
  await given.shows(1, 'first | first | first 0 | first 0');
  given.truth[1] = 'second';
  given.asked.length = 0;
  given.invalidator.onEvent({ channel: 'notes', team: 1 });
  await given.invalidator.onResync({ channels: ['notes'] });
  // One round, from the resync: the event before it had nothing fetched.
  await given.shows(1, 'second | second | second 0 | second 0');
  expect(given.asked.filter((what) => what === 'page 0 of 1')).toHaveLength(1);
});
