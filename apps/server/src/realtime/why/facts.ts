import type { Database } from '@processflow/db';
import type { Kysely } from 'kysely';

import type { RealtimeHub } from '../realtime.ts';
import { type Standing, standingBefore, topicsHeard } from './as-it-was.ts';
import type { Facts } from './judge.ts';
import { type LoggedEvent, type Place, readAddressEvents, readTeamEvents } from './logged-event.ts';
import { type AskedPerson, readStanding } from './person.ts';
import { readPresence } from './presence.ts';

const OUTSIDER: Standing = { membership: undefined, email: null };

interface Asked {
  readonly teamId: number;
  readonly person: AskedPerson;
  readonly logged: LoggedEvent;
}

/** Reads what an explanation goes by; of an address that was only invited, nothing. */
export async function collectFacts(db: Kysely<Database>, hub: RealtimeHub, asked: Asked): Promise<Facts> {
  const { teamId, person, logged } = asked;
  const teamEvents = person.kind === 'invited' ? [] : await readTeamEvents(db, teamId, person.profileId);
  const roleNames = new Map<number, string>();
  for (const one of teamEvents) {
    if (one.kind === 'change' && one.event.channel === 'role_changes')
      roleNames.set(one.event.id, one.event.name);
  }
  const roles = await db.selectFrom('role').where('team_id', '=', teamId).select(['id', 'name']).execute();
  for (const { id, name } of roles) roleNames.set(id, name);

  const isBefore = (place: Place): boolean => place.xid !== logged.xid && place.seq < logged.seq;
  if (person.kind === 'invited') {
    return {
      person,
      logged,
      past: { ...OUTSIDER, unknown: [] },
      now: OUTSIDER,
      heardThen: new Set(),
      heardOtherwise: new Set(),
      heardNow: new Set(),
      joined: undefined,
      left: undefined,
      roleNames,
      presence: undefined,
    };
  }
  const { profileId } = person;
  const isMember = person.kind === 'member';
  const addressEvents = isMember ? await readAddressEvents(db, [profileId]) : [];
  const log = [...teamEvents, ...addressEvents].toSorted((one, other) => one.seq - other.seq);
  const now = isMember ? await readStanding(db, teamId, profileId) : OUTSIDER;
  const past = standingBefore(isBefore, now, log, profileId);
  const otherwise = standingBefore(
    (place) => isBefore(place) !== isConcurrent(place, logged),
    now,
    log,
    profileId,
  );
  const taking = log.flatMap((one) => (one.kind === 'change' && one.xid === logged.xid ? [one.event] : []));
  const moves = log.flatMap((one) => {
    if (one.kind !== 'change' || one.event.channel !== 'profile_team_changes') return [];
    return one.event.profile_id === profileId ? [{ operation: one.event.operation, place: one }] : [];
  });
  return {
    person,
    logged,
    past,
    now,
    heardThen: topicsHeard(profileId, teamId, past, taking),
    heardOtherwise: topicsHeard(profileId, teamId, otherwise, taking),
    heardNow: topicsHeard(profileId, teamId, now),
    joined: moves.find(({ operation, place }) => operation === 'INSERT' && !isBefore(place))?.place.at,
    left: moves.findLast(({ operation, place }) => operation === 'DELETE' && isBefore(place))?.place.at,
    roleNames,
    presence: isMember
      ? await readPresence(db, hub.streams(), { teamId, profileId }, logged, isBefore)
      : undefined,
  };
}

/** Begun first and written last: both were open at once, and which was committed first the log does not keep. */
function isConcurrent(one: Place, other: Place): boolean {
  if (one.xid === other.xid) return false;
  return one.seq < other.seq !== BigInt(one.xid) < BigInt(other.xid);
}
