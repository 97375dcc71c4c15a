import { type AnyEvent, channels, type Database } from '@processflow/db';
import { createAudience, EventsError } from '@processflow/events';
import { createDecoder } from '@processflow/events/postgres';
import { type Kysely, sql } from 'kysely';

/** Where an event stands in the change log. */
export interface Place {
  readonly seq: number;
  /** The transaction's id, as digits. */
  readonly xid: string;
  readonly at: Date;
}

/** An event as the change log has it. */
export interface LoggedEvent extends Place {
  readonly kind: 'change';
  readonly event: AnyEvent;
  readonly topics: readonly string[];
}

/** Of no row: everybody who hears the channel was told to fetch anew. */
export interface LoggedResync extends Place {
  readonly kind: 'resync';
  readonly channel: string;
}

export type Logged = LoggedEvent | LoggedResync;

type Row = Place & { channel: string; payload: string };

const decode = createDecoder(channels);
const audience = createAudience(channels);

/** The log as far as it is whole: what is older may be deleted in part. */
function wholeLog(db: Kysely<Database>) {
  return db
    .selectFrom('change_log as l')
    .where(({ eb, selectFrom }) => eb('l.xid', '>=', selectFrom('change_log_state').select('pruned_below')));
}

function entries(db: Kysely<Database>) {
  return wholeLog(db).select([
    'l.id as seq',
    sql<string>`l.xid::text`.as('xid'),
    'l.at',
    'l.channel',
    'l.payload',
  ]);
}

/** What has this number, if it is the team's, or a resync, which every stream is told of. */
export async function findLogged(
  db: Kysely<Database>,
  teamId: number,
  seq: number,
): Promise<Logged | undefined> {
  const row = await entries(db).where('l.id', '=', seq).executeTakeFirst();
  const logged = row && read(row);
  if (logged === undefined || logged.kind === 'resync') return logged;
  const own = `team:${teamId}`;
  const isOfTeam = logged.topics.some((topic) => topic === own || topic.startsWith(`${own}/`));
  return isOfTeam ? logged : undefined;
}

/** The newest number of the log, and when the oldest event was that it still has; null: it is empty. */
export async function readReach(db: Kysely<Database>) {
  return wholeLog(db)
    .select(({ fn }) => [
      fn.min<number | null>('l.id').as('from'),
      fn.max<number | null>('l.id').as('to'),
      fn.min<Date | null>('l.at').as('since'),
    ])
    .executeTakeFirstOrThrow();
}

/** What the log tells of who belongs to the team and what its roles open, in the log's order. */
export function readTeamEvents(db: Kysely<Database>, teamId: number): Promise<Logged[]> {
  const names: AnyEvent['channel'][] = ['profile_team_changes', 'profile_role_team_changes', 'role_changes'];
  return readAbout(db, names, 'team_id', [String(teamId)]);
}

/** What the log tells of these accounts' addresses. */
export function readAddressEvents(db: Kysely<Database>, profileIds: string[]): Promise<Logged[]> {
  return readAbout(db, ['profile_changes'], 'id', profileIds);
}

/** What the log tells of somebody's signing in and out. */
export function readSessionEvents(db: Kysely<Database>, profileId: string): Promise<Logged[]> {
  return readAbout(db, ['session_changes'], 'profile_id', [profileId]);
}

async function readAbout(
  db: Kysely<Database>,
  names: AnyEvent['channel'][],
  column: string,
  values: string[],
): Promise<Logged[]> {
  const value = sql<string | null>`l.payload::json ->> ${column}`;
  const rows = await entries(db)
    .where('l.channel', 'in', names)
    // A resync names no row, and so may be about these.
    .where((eb) => eb.or([eb(value, 'is', null), eb(value, '=', eb.fn.any(eb.val(values)))]))
    .orderBy('l.id')
    .execute();
  return rows.flatMap((row) => read(row) ?? []);
}

function read({ seq, xid, at, channel, payload }: Row): Logged | undefined {
  if (!Object.hasOwn(channels, channel)) return undefined;
  const place = { seq, xid, at };
  try {
    const announcement = decode(channel, payload);
    if (announcement.kind === 'resync') return { ...place, kind: 'resync', channel };
    const event = announcement.event as AnyEvent;
    return { ...place, kind: 'change', event, topics: audience(event) };
  } catch (error) {
    // Written before a deploy that changed the channel: for this server, as good as a resync.
    if (error instanceof EventsError && error.code === 'bad-payload') {
      return { ...place, kind: 'resync', channel };
    }
    throw error;
  }
}
