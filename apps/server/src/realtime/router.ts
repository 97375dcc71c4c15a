import { trackedEvents } from '@processflow/events/server';
import { TRPCError, type TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod';

import { authedProcedure } from '../trpc.ts';
import { probeProcedure } from './probe.ts';
import { streamSelection, toSelection } from './selection.ts';
import { whyProcedure } from './why/why.ts';

const input = streamSelection
  .pick({ teamId: true, channels: true, lastEventId: true })
  .extend({
    /** Whom the client takes itself to be: another tab may have signed in as someone else meanwhile. */
    viewer: z.uuid().toLowerCase().optional(),
  })
  .optional();

export const realtimeRouter = {
  /** Everything the viewer may hear, from now on; `teamId` and `channels` narrow it. */
  changes: authedProcedure
    .meta({ tokens: 'read' })
    .use(({ ctx, next }) => {
      ctx.admission?.ofViewer(ctx.viewer);
      return next();
    })
    .input(input)
    .subscription(({ ctx, input: asked = {}, signal }) => {
      const { lastEventId, viewer, ...selection } = asked;
      if (viewer !== undefined && viewer !== ctx.profile.id) {
        throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Someone else has signed in meanwhile.' });
      }
      return trackedEvents(
        ctx.hub.subscribe({
          ...toSelection(selection, ctx.viewer),
          key: ctx.viewer,
          lastEventId,
          signal,
        }),
      );
    }),
  probe: probeProcedure,
  why: whyProcedure,
} satisfies TRPCRouterRecord;
