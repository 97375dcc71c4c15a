import type { TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod';

import { emailInput, idInput } from '../texts.ts';
import { transact } from '../transact.ts';
import { authedProcedure, pageProcedure, publicProcedure } from '../trpc.ts';
import { acceptInvitation, declineInvitation } from './answers.ts';
import { createInvitation, renewInvitation, revokeInvitation } from './commands.ts';
import { listInvitations, listMyInvitations, type MyInvitation, readInvitationByLink } from './queries.ts';

const invitationsProcedure = pageProcedure('invitations');
const byId = z.object({ id: idInput });
const bySecret = z.object({ secret: z.string().trim().min(1, 'The link is incomplete.').max(200) });
const keyInput = z.union([bySecret, byId]);

export const invitationRouter = {
  list: invitationsProcedure.query(({ ctx, input }) => listInvitations(ctx.db, input.teamId)),

  create: invitationsProcedure
    .input(z.object({ email: emailInput }))
    .mutation(({ ctx, input }) =>
      ctx.command((trx) => createInvitation(trx, input.teamId, input.email, ctx.profile.id)),
    ),

  renew: invitationsProcedure
    .input(byId)
    .mutation(({ ctx, input }) => ctx.command((trx) => renewInvitation(trx, input.teamId, input.id))),

  revoke: invitationsProcedure
    .input(byId)
    .mutation(({ ctx, input }) => ctx.command((trx) => revokeInvitation(trx, input.teamId, input.id))),

  mine: authedProcedure.query(async ({ ctx }): Promise<MyInvitation[]> =>
    ctx.profile.emailVerified ? listMyInvitations(ctx.db, ctx.profile.email) : [],
  ),

  /** A mutation, though it changes nothing: a query's input stands in the URL, where a secret must not. */
  look: publicProcedure
    .input(bySecret)
    .mutation(({ ctx, input }) => readInvitationByLink(ctx.db, input.secret)),

  accept: authedProcedure
    .input(keyInput)
    .mutation(({ ctx, input }) => transact(ctx.db, (trx) => acceptInvitation(trx, input, ctx.profile))),

  decline: authedProcedure
    .input(keyInput)
    .mutation(({ ctx, input }) => transact(ctx.db, (trx) => declineInvitation(trx, input, ctx.profile))),
} satisfies TRPCRouterRecord;
