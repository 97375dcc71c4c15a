import type { Event } from '@processflow/db';
import type { StreamEvent } from '@processflow/events';
import { Revocation } from '@processflow/events/server';
import { tracked, TRPCError, type TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod';

import { authedProcedure } from '../trpc.ts';
import { selectionInput, toSelection } from './selection.ts';

const input = selectionInput
  .pick({ teamId: true, channels: true })
  .extend({ lastEventId: z.string().max(200).nullish() })
  .optional();

export const realtimeRouter = {
  /** Everything the viewer may hear, from now on; `teamId` and `channels` narrow it. */
  changes: authedProcedure.input(input).subscription(async function* ({ ctx, input: asked = {}, signal }) {
    const { lastEventId, ...selection } = asked;
    const frames = await ctx.hub.subscribe({
      ...toSelection(selection),
      key: { sessionId: ctx.session.id, profileId: ctx.profile.id },
      lastEventId: lastEventId ?? undefined,
      signal,
    });
    try {
      for await (const { id, data } of frames) yield tracked(id, data as StreamEvent<Event>);
    } catch (error) {
      if (error instanceof Revocation)
        throw new TRPCError({ code: error.code, message: error.message, cause: error });
      throw error;
    }
  }),
} satisfies TRPCRouterRecord;
