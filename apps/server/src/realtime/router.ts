import { trackedEvents } from '@processflow/events/server';
import type { TRPCRouterRecord } from '@trpc/server';

import { authedProcedure } from '../trpc.ts';
import { probeProcedure } from './probe.ts';
import { streamSelection, toSelection } from './selection.ts';

const input = streamSelection.pick({ teamId: true, channels: true, lastEventId: true }).optional();

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
      const { lastEventId, ...selection } = asked;
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
} satisfies TRPCRouterRecord;
