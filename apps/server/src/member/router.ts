import type { TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod';

import { idInput } from '../texts.ts';
import { ownerProcedure, teamProcedure } from '../trpc.ts';
import { removeMember, setOwner, setRoles } from './commands.ts';
import { listMembers } from './queries.ts';

const memberInput = z.object({ profileId: z.uuid() });

export const memberRouter = {
  list: teamProcedure.query(({ ctx, input }) => listMembers(ctx.db, input.teamId)),

  remove: ownerProcedure
    .input(memberInput)
    .mutation(({ ctx, input }) => ctx.administer((trx) => removeMember(trx, input.teamId, input.profileId))),

  setOwner: ownerProcedure
    .input(memberInput.extend({ isOwner: z.boolean() }))
    .mutation(({ ctx, input }) =>
      ctx.administer((trx) => setOwner(trx, input.teamId, input.profileId, input.isOwner)),
    ),

  setRoles: ownerProcedure
    .input(memberInput.extend({ roleIds: z.array(idInput).max(100) }))
    .mutation(({ ctx, input }) =>
      ctx.administer((trx) => setRoles(trx, input.teamId, input.profileId, input.roleIds)),
    ),
} satisfies TRPCRouterRecord;
