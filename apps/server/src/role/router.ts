import { PAGES } from '@processflow/db';
import type { TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod';

import { idInput, nameInput } from '../texts.ts';
import { ownerProcedure, teamProcedure } from '../trpc.ts';
import { createRole, removeRole, updateRole } from './commands.ts';
import { listRoles } from './queries.ts';

const name = nameInput('the role');
const colour = z
  .string()
  .regex(/^[a-z]{1,20}$/, 'A colour is one of the palette names, such as blue or grape.');
const pages = z
  .array(z.enum(PAGES))
  .max(20)
  .transform((chosen) => PAGES.filter((page) => chosen.includes(page)));

export const roleRouter = {
  list: teamProcedure.query(({ ctx }) => listRoles(ctx.db, ctx.member)),

  create: ownerProcedure
    .input(z.object({ name, colour, pages }))
    .mutation(({ ctx, input: { teamId, ...draft } }) =>
      ctx.administer((trx) => createRole(trx, teamId, draft)),
    ),

  update: ownerProcedure
    .input(
      z.object({ id: idInput, name: name.optional(), colour: colour.optional(), pages: pages.optional() }),
    )
    .mutation(({ ctx, input: { teamId, id, ...wanted } }) =>
      ctx.administer((trx) => updateRole(trx, teamId, id, wanted)),
    ),

  remove: ownerProcedure
    .input(z.object({ id: idInput, replaceBy: idInput.nullable().optional() }))
    .mutation(({ ctx, input }) =>
      ctx.administer((trx) => removeRole(trx, input.teamId, input.id, input.replaceBy)),
    ),
} satisfies TRPCRouterRecord;
