import type { TRPCRouterRecord } from '@trpc/server';

import type { Profile } from '../context.ts';
import { authedProcedure } from '../trpc.ts';

export const profileRouter = {
  me: authedProcedure.query(({ ctx }): Profile => ctx.profile),
} satisfies TRPCRouterRecord;
