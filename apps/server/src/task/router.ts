import type { TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod';

import { readModelOfInstance } from '../instance/commands.ts';
import { idInput, variablesInput } from '../texts.ts';
import { pageProcedure } from '../trpc.ts';
import { claimTask, completeTask, releaseTask } from './commands.ts';
import { listTasks, readTask } from './queries.ts';

const tasksProcedure = pageProcedure('tasks');
const byId = z.object({ id: idInput });

export const taskRouter = {
  list: tasksProcedure
    .input(z.object({ filter: z.enum(['mine', 'all']) }))
    .query(({ ctx, input }) => listTasks(ctx.db, ctx.member, ctx.profile.id, input.filter)),

  get: tasksProcedure
    .input(byId)
    .query(({ ctx, input }) =>
      readTask(ctx.db, ctx.member, input.id, (instanceId) =>
        readModelOfInstance(ctx, input.teamId, instanceId),
      ),
    ),

  claim: tasksProcedure
    .input(byId)
    .mutation(({ ctx, input }) =>
      ctx.command((trx, member) => claimTask(trx, { profileId: ctx.profile.id, member }, input.id)),
    ),

  release: tasksProcedure
    .input(byId)
    .mutation(({ ctx, input }) =>
      ctx.command((trx, member) => releaseTask(trx, { profileId: ctx.profile.id, member }, input.id)),
    ),

  complete: tasksProcedure
    .input(byId.extend({ data: variablesInput, choice: z.array(z.string()).max(1000) }))
    .mutation(({ ctx, input: { teamId, ...completion } }) =>
      completeTask(ctx, teamId, ctx.profile.id, completion),
    ),
} satisfies TRPCRouterRecord;
