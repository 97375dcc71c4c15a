import type { TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod';

import { idInput, variablesInput } from '../texts.ts';
import { pageProcedure } from '../trpc.ts';
import { commandInstance, startInstance } from './commands.ts';
import { listInstances } from './list.ts';
import { readInstance } from './queries.ts';

const instancesProcedure = pageProcedure('instances');
const byId = z.object({ id: idInput });

export const instanceRouter = {
  start: instancesProcedure
    .input(z.object({ modelId: idInput, variables: variablesInput }))
    .mutation(({ ctx, input }) => startInstance(ctx, { ...input, startedBy: ctx.profile.id })),

  list: instancesProcedure
    .input(z.object({ filter: z.enum(['open', 'ended', 'all']), cursor: idInput.nullish() }))
    .query(({ ctx, input }) => listInstances(ctx.db, input.teamId, input.filter, input.cursor ?? undefined)),

  get: instancesProcedure.input(byId).query(({ ctx, input }) => readInstance(ctx.db, input.teamId, input.id)),

  cancel: instancesProcedure
    .input(byId)
    .mutation(({ ctx, input }) => commandInstance(ctx, input.teamId, input.id, { type: 'cancel' })),

  setVariables: instancesProcedure
    .input(byId.extend({ set: variablesInput, unset: z.array(z.string()).max(500) }))
    .mutation(({ ctx, input: { teamId, id, set, unset } }) =>
      commandInstance(ctx, teamId, id, { type: 'set-variables', set, unset }),
    ),

  retry: instancesProcedure
    .input(byId)
    .mutation(({ ctx, input }) => commandInstance(ctx, input.teamId, input.id, { type: 'retry' })),
} satisfies TRPCRouterRecord;
