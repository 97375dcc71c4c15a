import type { TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod';

import { readExample } from '../example/example.ts';
import { idInput, nameInput } from '../texts.ts';
import { authedProcedure, pageProcedure } from '../trpc.ts';
import { addModel, readUpload, removeModel } from './commands.ts';
import { deployModel, readDeployable } from './deploy.ts';
import { listModels, readModelOfTeam } from './queries.ts';

const modelsProcedure = pageProcedure('models');
const readProcedure = pageProcedure('models', 'instances');
const byId = z.object({ id: idInput });
const role = z.union([
  z.literal('everyone'),
  z.object({ use: idInput }),
  z.object({ create: nameInput('the role') }),
]);

export const modelRouter = {
  list: readProcedure.query(({ ctx }) => listModels(ctx.db, ctx.member)),

  get: readProcedure.input(byId).query(({ ctx, input }) => readModelOfTeam(ctx, input.teamId, input.id)),

  upload: modelsProcedure
    .input(
      z.object({
        name: nameInput('the model', 200).optional(),
        xml: z
          .string()
          .refine((xml) => !xml.includes('\0'), 'This file is not text, so it is not BPMN 2.0 XML.'),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const upload = await readUpload(input.xml, input.name);
      return ctx.administer((trx) => addModel(trx, input.teamId, upload, ctx.profile.id));
    }),

  deploy: modelsProcedure
    .input(byId.extend({ roles: z.array(z.object({ performer: z.string(), role })).max(200) }))
    .mutation(async ({ ctx, input: { teamId, id, roles } }) => {
      const model = await readDeployable(ctx, teamId, id);
      await ctx.administer((trx) => deployModel(trx, { teamId, id, model }, roles));
    }),

  remove: modelsProcedure
    .input(byId)
    .mutation(({ ctx, input }) => ctx.command((trx) => removeModel(trx, input.teamId, input.id))),

  example: authedProcedure.query(() => readExample()),
} satisfies TRPCRouterRecord;
