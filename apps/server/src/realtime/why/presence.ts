import type { Database } from '@processflow/db';
import type { OpenStream } from '@processflow/events/server';
import type { Kysely } from 'kysely';

import type { ViewerKey } from '../viewer.ts';
import { wasThere } from './as-it-was.ts';
import { type Place, readSessionEvents } from './logged-event.ts';

/** Whether a member was signed in then, and what they have open now on this server. */
export interface Presence {
  /** Null: the log does not tell. */
  readonly wasSignedIn: boolean | null;
  readonly streams: readonly Pick<OpenStream<ViewerKey>, 'since' | 'channels' | 'topics'>[];
}

export async function readPresence(
  db: Kysely<Database>,
  streams: readonly OpenStream<ViewerKey>[],
  { teamId, profileId }: { teamId: number; profileId: string },
  moment: Place,
  isBefore: (place: Place) => boolean,
): Promise<Presence> {
  return {
    wasSignedIn: await wasSignedIn(db, profileId, moment, isBefore),
    streams: streams.filter(
      ({ key }) => key.profileId === profileId && (!('token' in key) || key.token.teamId === teamId),
    ),
  };
}

async function wasSignedIn(
  db: Kysely<Database>,
  profileId: string,
  { at }: Place,
  isBefore: (place: Place) => boolean,
): Promise<boolean | null> {
  const log = await readSessionEvents(db, profileId);
  const today = await db
    .selectFrom('session')
    .where('profile_id', '=', profileId)
    .select(['id', 'expires_at', 'created_at'])
    .execute();
  const sessions = new Map(today.map((session) => [session.id, session]));
  const changes = log.flatMap((one) =>
    one.kind === 'change' && one.event.channel === 'session_changes'
      ? [{ event: one.event, before: isBefore(one) }]
      : [],
  );
  const ids = new Set([...sessions.keys(), ...changes.map(({ event }) => event.id)]);
  for (const id of ids) {
    const own = changes.filter(({ event }) => event.id === id);
    const before = own.findLast((one) => one.before)?.event;
    const after = own.find((one) => !one.before)?.event;
    const session = sessions.get(id);
    const isThere = session !== undefined && session.created_at <= at;
    const expiry = before?.expires_at ?? after?.expires_at ?? session?.expires_at;
    if (wasThere({ before, after }, isThere) && expiry !== undefined && new Date(expiry) > at) return true;
  }
  return log.some((one) => one.kind === 'resync' && !isBefore(one)) ? null : false;
}
