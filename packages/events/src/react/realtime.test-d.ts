import { initTRPC, tracked } from '@trpc/server';
import { createTRPCClient } from '@trpc/client';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { Operation, StreamEvent } from '../event.ts';
import { createLiveStore, createRealtime, keys, nothing, trpcSource } from './index.ts';
import type { LiveSource, Rules } from './index.ts';

interface RoleEvent {
  readonly channel: 'role_changes';
  readonly operation: Operation;
  readonly seq: number;
  readonly team_id: number;
  readonly name: string;
}
interface TaskEvent {
  readonly channel: 'task_changes';
  readonly operation: Operation;
  readonly seq: number;
  readonly team_id: number;
  readonly status: 'Open' | 'Completed';
}
type AppEvent = RoleEvent | TaskEvent;

const { LiveProvider, useRealtimeSubscription } = createRealtime<AppEvent>();

test('the event is typed by the channels named', () => {
  expectTypeOf(useRealtimeSubscription<'task_changes'>)
    .parameter(0)
    .toHaveProperty('teamId');
  useRealtimeSubscription({
    channels: ['task_changes'],
    teamId: 1,
    onEvent(event) {
      expectTypeOf(event).toEqualTypeOf<TaskEvent>();
      expectTypeOf(event.status).toEqualTypeOf<'Open' | 'Completed'>();
    },
  });
  useRealtimeSubscription({
    channels: ['task_changes', 'role_changes'],
    onEvent(event) {
      expectTypeOf(event).toEqualTypeOf<AppEvent>();
      expectTypeOf(event).not.toHaveProperty('status');
      if (event.channel === 'task_changes') expectTypeOf(event.status).toEqualTypeOf<'Open' | 'Completed'>();
    },
  });
  useRealtimeSubscription({
    // @ts-expect-error no such channel
    channels: ['nonsense_changes'],
    onEvent() {},
  });
});

test('a channel without a rule does not compile', () => {
  const complete = {
    role_changes: { all: keys(['roles']) },
    task_changes: { all: keys(['tasks']), event: (event) => keys(['tasks', event.team_id, event.status]) },
  } satisfies Rules<AppEvent>;
  expectTypeOf(complete).toExtend<Rules<AppEvent>>();

  // @ts-expect-error task_changes is missing
  const incomplete = { role_changes: nothing } satisfies Rules<AppEvent>;
  // @ts-expect-error no such channel
  const toomuch = { role_changes: nothing, task_changes: nothing, other: nothing } satisfies Rules<AppEvent>;
  const wrong = {
    ...complete,
    // @ts-expect-error a rule is told what its own channel carries
    role_changes: { all: [], event: (event) => keys([event.status]) },
  } satisfies Rules<AppEvent>;
  expectTypeOf([incomplete, toomuch, wrong]).not.toBeAny();
});

test('the source takes its event types from the procedure', () => {
  const t = initTRPC.create();
  const router = t.router({
    realtime: t.router({
      changes: t.procedure
        .input(z.object({ teamId: z.number().optional(), lastEventId: z.string().nullish() }).optional())
        .subscription(async function* () {
          yield tracked<StreamEvent<AppEvent>>('1', await Promise.resolve({ channel: 'position' }));
        }),
    }),
  });
  const client = createTRPCClient<typeof router>({ links: [] });
  const source = trpcSource(client.realtime.changes);
  expectTypeOf(source).toEqualTypeOf<LiveSource<AppEvent>>();

  const store = createLiveStore({ source });
  expectTypeOf(LiveProvider).toBeCallableWith({ store });
  store.addListener({
    channels: ['role_changes'],
    onEvent: (event) => expectTypeOf(event).toEqualTypeOf<RoleEvent>(),
  });
  store.addListener({ onEvent: (event) => expectTypeOf(event).toEqualTypeOf<AppEvent>() });
});
