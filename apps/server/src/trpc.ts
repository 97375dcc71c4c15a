import type { Page } from '@processflow/db';
import { attachStreams } from '@processflow/events/server';
import { initTRPC, type ProcedureType, TRPCError } from '@trpc/server';
import { z, ZodError } from 'zod';

import { type Context, viewerKeyOf } from './context.ts';
import { commandsOf } from './member/command.ts';
import { type Membership, readMember } from './member/queries.ts';
import { notAMember, Refusal, type RefusalDetails, refusalToTRPC, SOMETHING_WENT_WRONG } from './refusal.ts';
import { StreamLimitReached } from './realtime/limits.ts';
import { idInput } from './texts.ts';
import { TOKEN_OF_ANOTHER_TEAM } from './token/bearer.ts';

const SECOND = 1000;

/** Milliseconds between the heartbeats of a stream, and of silence after which a browser opens it again. */
export const PING = 15 * SECOND;
const RECONNECT = 35 * SECOND;

/** What a procedure is to API tokens; one that says nothing speaks of a person, and refuses them. */
interface ProcedureMeta {
  /** `read`: what it reads of the token's own team is open to it. `allowed`: although it writes. */
  readonly tokens?: 'read' | 'allowed';
}

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    errorFormatter({ shape, error }) {
      const { stack: _, ...data } = shape.data;
      const refusal: RefusalDetails | undefined =
        error.cause instanceof Refusal ? error.cause.details : undefined;
      const reached = error instanceof StreamLimitReached ? error : undefined;
      const limited = { limit: reached?.limit, retryAfterMs: reached?.retryAfterMs };
      const message = refusal === undefined ? readable(error) : shape.message;
      return { ...shape, message, data: { ...data, refusal, ...limited } };
    },
    sse: {
      ping: { enabled: true, intervalMs: PING },
      client: { reconnectAfterInactivityMs: RECONNECT },
    },
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Anyone, signed in or not. */
export const publicProcedure = t.procedure
  .use(attachStreams)
  .use(async ({ next }) => {
    const result = await next();
    if (!result.ok && result.error.cause instanceof Refusal) throw refusalToTRPC(result.error.cause);
    return result;
  })
  .use(({ ctx, meta, type, next }) => {
    if (ctx.token !== null) checkToken(meta, type);
    return next();
  });

/** Before anything else: no input is read for a token that may not do this. */
function checkToken(meta: ProcedureMeta | undefined, type: ProcedureType): void {
  if (meta?.tokens === 'allowed') return;
  const writes = type === 'mutation';
  if (meta?.tokens === 'read' && !writes) return;
  throw new Refusal(
    { code: 'token-refused' },
    writes
      ? 'An API token only reads. Sign in to change something.'
      : 'An API token reads what belongs to its team, and this speaks of a person. Sign in to see it.',
  );
}

/** Anyone who is signed in. */
export const authedProcedure = publicProcedure.use(({ ctx, next }) => {
  const { profile } = ctx;
  const viewer = viewerKeyOf(ctx);
  if (profile === null || viewer === null) {
    throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in to go on.' });
  }
  return next({ ctx: { profile, viewer } });
});

/**
 * Members of the team that `input.teamId` names. What a procedure changes, it changes through `ctx.command` or
 * `ctx.administer`, which ask once more within the transaction.
 */
export const teamProcedure = authedProcedure
  .meta({ tokens: 'read' })
  .input(z.object({ teamId: idInput }))
  .use(async ({ ctx, input, next }) => {
    if (ctx.token !== null && ctx.token.teamId !== input.teamId) {
      throw new Refusal({ code: 'not-a-member' }, TOKEN_OF_ANOTHER_TEAM);
    }
    const member = await readMember(ctx.db, ctx.profile.id, input.teamId);
    if (member === null) throw notAMember();
    return next({ ctx: { member, ...commandsOf(ctx.db, input.teamId, ctx.profile.id) } });
  });

const pageNames: Record<Page, string> = {
  tasks: 'Tasks',
  instances: 'Instances',
  models: 'Models',
  invitations: 'Invitations',
};

/** Members whose roles open at least one of these pages, and owners. */
export function pageProcedure(...pages: [Page, ...Page[]]) {
  return membersWho((member) => {
    if (pages.some((page) => member.pages.includes(page))) return;
    const names = pages.map((page) => pageNames[page]).join(' or ');
    throw new Refusal(
      { code: 'page-closed' },
      `None of your roles opens ${names}. Ask an owner of the team.`,
    );
  });
}

export const ownerProcedure = membersWho((member) => {
  if (member.isOwner) return;
  throw new Refusal({ code: 'owners-only' }, 'Only an owner of the team can do this.');
});

function membersWho(check: (member: Membership) => void) {
  return teamProcedure.use(({ ctx, input, next }) => {
    check(ctx.member);
    return next({ ctx: commandsOf(ctx.db, input.teamId, ctx.profile.id, check) });
  });
}

/** Nothing of an unexpected error reaches the client: it is reported by the adapter's `onError`. */
function readable(error: TRPCError): string {
  if (error.code === 'INTERNAL_SERVER_ERROR') return SOMETHING_WENT_WRONG;
  if (error.cause instanceof ZodError) return describeIssues(error.cause);
  return error.message;
}

/** Our own messages are whole sentences; zod's need to be told which input they speak of. */
function describeIssues(error: ZodError): string {
  return error.issues
    .map(({ path, message }) =>
      message.endsWith('.') ? message : `${path.join('.') || 'input'}: ${message}.`,
    )
    .join(' ');
}
