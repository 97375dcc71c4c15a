/** What the examples in the documentation take as given. They may use these names without importing them. */
import type { Server } from 'node:http';

import { QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpSubscriptionLink } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import type { Generated, Kysely } from 'kysely';
import type { ReactNode } from 'react';

import { type ChangeEvents, type Contract, type ColumnTypes, contractOf, defineChannels } from './index.ts';
import {
  createInvalidator,
  createLiveStore,
  createRealtime,
  keys,
  type Rules,
  trpcSource,
} from './react/index.ts';
import {
  type Access,
  createHub,
  type Frame,
  type LoadViewers,
  type TopicViewer,
  trackedEvents,
  streamInput,
} from './server/index.ts';

export interface Database {
  role: { id: Generated<number>; team_id: number; name: string; colour: string | null };
  member: { id: Generated<number>; team_id: number; user_id: string };
}

export const channels = defineChannels<Database>()({
  role_changes: { table: 'role', columns: ['id', 'team_id', 'name'], audience: ['team:{team_id}'] },
  member_changes: {
    table: 'member',
    columns: ['id', 'team_id', 'user_id'],
    audience: ['team:{team_id}', 'user:{user_id}'],
  },
});
export type AppEvent = ChangeEvents<Database, typeof channels>;

/** As `npm run db:types` of the application's own would generate it. */
export declare const columnTypes: ColumnTypes;
export const contract: Contract = contractOf(channels, columnTypes);

export declare const db: Kysely<Database>;
export declare const connectionString: string;
export declare const payload: string;
export declare const onNotification: (channel: string, payload: string) => void;
export declare const onGap: () => void;
export declare const onError: (error: unknown) => void;
export declare const event: Extract<AppEvent, { channel: 'role_changes' }>;

export interface Viewer {
  readonly userId: string;
  readonly teams: ReadonlySet<number>;
}
export declare const access: Access<Viewer, AppEvent>;
export declare const load: LoadViewers<string, Viewer>;
export declare const userId: string;
export declare const teamId: number;
export declare function topicsOfTeams(userId: string): Promise<string[]>;
export declare function viewer(userId: string): Promise<TopicViewer | undefined>;
export const hub = createHub({ definitions: channels, access, load, onError });
export declare const frame: Frame<AppEvent>;
export declare const frames: AsyncIterable<Frame<AppEvent>>;
export declare const server: Server;

const t = initTRPC.context<{ userId: string }>().create();
export const { procedure, router } = t;
export const appRouter = router({
  realtime: {
    changes: procedure
      .input(streamInput(channels).optional())
      .subscription(({ ctx, input, signal }) =>
        trackedEvents(hub.subscribe({ key: ctx.userId, ...input, signal })),
      ),
  },
  role: { list: procedure.query(() => db.selectFrom('role').selectAll().execute()) },
});
export type AppRouter = typeof appRouter;

export const client = createTRPCClient<AppRouter>({ links: [httpSubscriptionLink({ url: '/trpc' })] });
export const queryClient = new QueryClient();
export const rules: Rules<AppEvent> = {
  role_changes: { all: keys(['roles']) },
  member_changes: { all: keys(['members']) },
};
export const store = createLiveStore<AppEvent>({ source: trpcSource(client.realtime.changes) });
export const invalidator = createInvalidator<AppEvent>(queryClient, { rules });
export const { LiveProvider, useRealtimeSubscription, useLiveStatus } = createRealtime<AppEvent>();

export declare function say(text: string): void;
export declare function flash(id: number): void;
export declare function App(): ReactNode;
