import type { TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod';

import { readModelOfInstance } from '../instance/commands.ts';
import { idInput, variablesInput } from '../texts.ts';
import { transact } from '../transact.ts';
import { pageProcedure } from '../trpc.ts';
import { claimTask, completeTask, releaseTask } from './commands.ts';
import { listTasks, readTask } from './queries.ts';

const tasksProcedure = pageProcedure('tasks').use(({ ctx, next }) =>
  next({ ctx: { actor: { profileId: ctx.profile.id, member: ctx.member } } }),
);
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
    .mutation(({ ctx, input }) => transact(ctx.db, (trx) => claimTask(trx, ctx.actor, input.id))),

  release: tasksProcedure
    .input(byId)
    .mutation(({ ctx, input }) => transact(ctx.db, (trx) => releaseTask(trx, ctx.actor, input.id))),

  complete: tasksProcedure
    .input(byId.extend({ data: variablesInput, choice: z.array(z.string()).max(1000) }))
    .mutation(({ ctx, input: { id, data, choice } }) => completeTask(ctx, ctx.actor, { id, data, choice })),
} satisfies TRPCRouterRecord;
