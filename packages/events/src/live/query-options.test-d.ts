import { QueryClient } from '@tanstack/react-query';
import { createTRPCClient } from '@trpc/client';
import { createTRPCReact, getQueryKey } from '@trpc/react-query';
import { initTRPC } from '@trpc/server';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';

import { keys, type Rules } from './invalidator.ts';

interface NoteEvent {
  readonly channel: 'notes';
  readonly team: number;
}

const t = initTRPC.create();
const router = t.router({
  note: t.router({
    list: t.procedure.input(z.object({ team: z.number() })).query(() => ['a note']),
    pages: t.procedure
      .input(z.object({ team: z.number(), cursor: z.number().optional() }))
      .query(() => ['a page']),
    add: t.procedure.mutation(() => 'added'),
  }),
});
type AppRouter = typeof router;

test('rules of @trpc/react-query name procedures that are there, with inputs they take', () => {
  const trpc = createTRPCReact<AppRouter>();
  const right = {
    notes: {
      all: keys(getQueryKey(trpc.note)),
      event: ({ team }) =>
        keys(getQueryKey(trpc.note.list, { team }), getQueryKey(trpc.note.pages, { team })),
    },
  } satisfies Rules<NoteEvent>;
  expectTypeOf(right).toExtend<Rules<NoteEvent>>();

  // @ts-expect-error no such procedure
  keys(getQueryKey(trpc.note.lits));
  // @ts-expect-error no such router
  keys(getQueryKey(trpc.nots));
  // @ts-expect-error the input has no such field
  keys(getQueryKey(trpc.note.list, { taem: 1 }));
  // @ts-expect-error a team is a number
  keys(getQueryKey(trpc.note.list, { team: '1' }));
});

test('rules of @trpc/tanstack-react-query do too, as keys and as filters', () => {
  const trpc = createTRPCOptionsProxy<AppRouter>({
    client: createTRPCClient<AppRouter>({ links: [] }),
    queryClient: new QueryClient(),
  });
  const right = {
    notes: {
      all: [...keys(trpc.note.list.queryKey()), trpc.note.pathFilter()],
      event: ({ team }) => [
        trpc.note.list.queryFilter({ team }),
        trpc.note.pages.infiniteQueryFilter({ team }),
        ...keys(trpc.note.list.queryKey({ team }), trpc.note.pages.infiniteQueryKey({ team })),
      ],
    },
  } satisfies Rules<NoteEvent>;
  expectTypeOf(right).toExtend<Rules<NoteEvent>>();

  expectTypeOf<'lits'>().not.toExtend<keyof typeof trpc.note>();
  // Only queries have a key, and only those with a cursor are infinite.
  expectTypeOf<'queryKey'>().not.toExtend<keyof typeof trpc.note.add>();
  expectTypeOf<'queryKey'>().toExtend<keyof typeof trpc.note.list>();
  expectTypeOf(trpc.note.list.infiniteQueryKey).toEqualTypeOf<undefined>();
  expectTypeOf(trpc.note.pages.infiniteQueryKey).toBeFunction();
  // @ts-expect-error the input has no such field
  keys(trpc.note.list.queryKey({ taem: 1 }));
  // @ts-expect-error a team is a number
  keys(trpc.note.list.queryKey({ team: '1' }));
  // @ts-expect-error no such procedure
  const wrong = { notes: { all: [trpc.note.lits.pathFilter()] } } satisfies Rules<NoteEvent>;
  expectTypeOf(wrong).not.toBeNever();
});
