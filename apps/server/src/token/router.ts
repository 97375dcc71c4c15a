import type { TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod';

import { idInput, nameInput } from '../texts.ts';
import { ownerProcedure } from '../trpc.ts';
import { issueToken, revokeToken } from './commands.ts';
import { listTokens } from './queries.ts';

const draft = z.object({
  name: nameInput('the token'),
  days: z.int().min(1).max(366, 'A token lasts a year at most, or has no end.').nullable(),
});

export const tokenRouter = {
  list: ownerProcedure.query(({ ctx, input }) => listTokens(ctx.db, input.teamId)),

  create: ownerProcedure
    .input(draft)
    .mutation(({ ctx, input: { teamId, ...wanted } }) =>
      ctx.administer((trx) => issueToken(trx, teamId, ctx.profile.id, wanted)),
    ),

  revoke: ownerProcedure
    .input(z.object({ id: idInput }))
    .mutation(({ ctx, input }) => ctx.administer((trx) => revokeToken(trx, input.teamId, input.id))),
} satisfies TRPCRouterRecord;
