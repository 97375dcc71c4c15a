import type { Page } from '@processflow/db';
import type { TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod';

import { removeMember } from '../member/commands.ts';
import { readMemberships } from '../member/queries.ts';
import { nameInput } from '../texts.ts';
import { transact } from '../transact.ts';
import { authedProcedure, ownerProcedure, teamProcedure } from '../trpc.ts';
import { createTeam, removeTeam, renameTeam } from './commands.ts';

export interface MyTeam {
  id: number;
  name: string;
  isOwner: boolean;
  pages: Page[];
  roleIds: number[];
}

const teamName = z.object({ name: nameInput('the team') });

export const teamRouter = {
  /** Of a token: the team that it opens. */
  mine: authedProcedure.meta({ tokens: 'read' }).query(async ({ ctx }): Promise<MyTeam[]> => {
    const memberships = await readMemberships(ctx.db, ctx.profile.id, ctx.token?.teamId);
    return memberships.map(({ teamId, teamName: name, ...rest }) => ({ id: teamId, name, ...rest }));
  }),

  create: authedProcedure
    .input(teamName)
    .mutation(({ ctx, input }) => transact(ctx.db, (trx) => createTeam(trx, input.name, ctx.profile.id))),

  rename: ownerProcedure
    .input(teamName)
    .mutation(({ ctx, input }) => ctx.administer((trx) => renameTeam(trx, input.teamId, input.name))),

  leave: teamProcedure.mutation(({ ctx, input }) =>
    ctx.administer((trx) => removeMember(trx, input.teamId, ctx.profile.id)),
  ),

  remove: ownerProcedure
    .input(z.object({ name: z.string() }))
    .mutation(({ ctx, input }) => ctx.administer((trx) => removeTeam(trx, input.teamId, input.name))),
} satisfies TRPCRouterRecord;
