import { initTRPC, TRPCError } from '@trpc/server';
import { SuperJSON } from 'superjson';
import { z } from 'zod';

import { contractOf } from '../../contract-version.ts';
import { defineChannels } from '../../contract.ts';
import type { ChangeEvents } from '../../event.ts';
import { attachStreams, createHub, streamInput, topicAccess, trackedEvents } from '../index.ts';
import { feedOf } from '../testing-feed.ts';

interface Database {
  note: { id: number; team: number; text: string; written_at: Date };
  member: { id: number; team: number; person: string };
}

const channels = defineChannels<Database>()({
  notes: { table: 'note', columns: ['id', 'team', 'text', 'written_at'], audience: ['team:{team}'] },
  members: {
    table: 'member',
    columns: ['id', 'team', 'person'],
    audience: ['person:{person}', 'team:{team}'],
  },
});

export type AppEvent = ChangeEvents<Database, typeof channels>;

/** What every adapter's `createContext` makes of a request. */
export interface Context {
  readonly person: string | undefined;
}

/** The heartbeat, and how long clients bear not to hear it, in milliseconds. */
export const HEARTBEAT = { every: 20, missedAfter: 500 };

const sse = {
  ping: { enabled: true, intervalMs: HEARTBEAT.every },
  client: { reconnectAfterInactivityMs: HEARTBEAT.missedAfter },
};

const plain = initTRPC.context<Context>().create({ sse });
const transforming = initTRPC.context<Context>().create({ sse, transformer: SuperJSON });

/** A whole small application of the kit but for its database: two teams' notes, and who belongs to them. */
export function createApplication() {
  const teams = new Map([
    ['ada', new Set([1])],
    ['bob', new Set([1, 2])],
  ]);
  const seen: string[] = [];
  const errors: unknown[] = [];
  let seq = 0;

  const { access, load } = topicAccess<string, AppEvent>({
    definitions: channels,
    async viewer(person) {
      const own = teams.get(person);
      return own && { topics: [`person:${person}`, ...[...own].map((team) => `team:${team}`)] };
    },
    grants: { members: { to: 'person:{person}', topics: ['team:{team}'] } },
  });
  const hub = createHub({
    definitions: channels,
    access,
    load,
    contract: contractOf(channels),
    onError: (error) => errors.push(error),
  });

  const signedIn = plain.middleware(({ ctx, path, next }) => {
    seen.push(`${path} for ${ctx.person ?? 'nobody'}`);
    if (ctx.person === undefined) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first.' });
    return next({ ctx: { person: ctx.person } });
  });
  const input = streamInput(channels).extend({ team: z.int().optional() }).optional();
  const procedures = {
    changes: plain.procedure
      .use(attachStreams)
      .use(signedIn)
      .input(input)
      .subscription(({ ctx, input: { team, ...asked } = {}, signal }) =>
        trackedEvents(
          hub.subscribe({
            ...asked,
            key: ctx.person,
            signal,
            ...(team !== undefined && {
              topics: (topic: string) => topic === `team:${team}`,
              requires: [{ topic: `team:${team}`, otherwise: `You do not belong to team ${team}.` }],
            }),
          }),
        ),
      ),
  };

  const feed = feedOf(hub);
  function publish(event: AppEvent): AppEvent {
    feed.publish({ kind: 'change', event });
    return event;
  }
  const announced_at = '2026-01-01T00:00:00.123456+00:00';

  return {
    hub,
    plain: plain.router(procedures),
    transforming: transforming.router(procedures),
    createCaller: plain.createCallerFactory(plain.router(procedures)),
    /** What the middleware has let pass or refused. */
    seen,
    errors,
    /** Somebody changes a note of this team. */
    note: (team: number, text: string) =>
      publish({
        channel: 'notes',
        operation: 'UPDATE',
        changed: ['text'],
        seq: ++seq,
        announced_at,
        id: 1,
        team,
        text,
        written_at: '2026-01-01T00:00:00+00:00',
      }),
    /** Takes the person out of the team. */
    leave(person: string, team: number): AppEvent {
      teams.get(person)?.delete(team);
      return publish({
        channel: 'members',
        operation: 'DELETE',
        seq: ++seq,
        announced_at,
        id: 1,
        team,
        person,
      });
    },
    /** The person's account is gone, which the hub learns when it reads who hears what anew. */
    remove(person: string): void {
      teams.delete(person);
      feed.gap();
    },
  };
}

export type Application = ReturnType<typeof createApplication>;
