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

/** What the log tells of somebody's belonging to the team and of what its roles open, in the log's order. */
export async function readTeamEvents(
  db: Kysely<Database>,
  teamId: number,
  profileId: string,
): Promise<Logged[]> {
  const own: AnyEvent['channel'][] = ['profile_team_changes', 'profile_role_team_changes'];
  const rows = await about(db, [...own, 'role_changes'], 'team_id', [String(teamId)])
    .where((eb) =>
      eb.or([
        eb('l.channel', 'not in', own),
        eb(said('profile_id'), 'is', null),
        eb(said('profile_id'), '=', profileId),
      ]),
    )
    .execute();
  return rows.flatMap((row) => read(row) ?? []);
}

/** Who has left the team, as far as the log tells, and the number of the last time; some may be back. */
export async function readLeavers(db: Kysely<Database>, teamId: number): Promise<Map<string, number>> {
  const rows = await wholeLog(db)
    .where('l.channel', '=', 'profile_team_changes')
    .where(said('team_id'), '=', String(teamId))
    .where(said('operation'), '=', 'DELETE')
    .where(said('profile_id'), 'is not', null)
    .groupBy(said('profile_id'))
    .select(({ fn }) => [said('profile_id').$castTo<string>().as('id'), fn.max<number>('l.id').as('seq')])
    .execute();
  return new Map(rows.map(({ id, seq }) => [id, seq]));
}

/** What the log tells of these accounts' addresses. */
export function readAddressEvents(db: Kysely<Database>, profileIds: string[]): Promise<Logged[]> {
  return readAbout(db, ['profile_changes'], 'id', profileIds);
}

/** What the log tells of somebody's signing in and out. */
export function readSessionEvents(db: Kysely<Database>, profileId: string): Promise<Logged[]> {
  return readAbout(db, ['session_changes'], 'profile_id', [profileId]);
}

async function readAbout(...asked: Parameters<typeof about>): Promise<Logged[]> {
  const rows = await about(...asked).execute();
  return rows.flatMap((row) => read(row) ?? []);
}

function about(db: Kysely<Database>, names: AnyEvent['channel'][], column: string, values: string[]) {
  return (
    entries(db)
      .where('l.channel', 'in', names)
      // A resync names no row, and so may be about these.
      .where((eb) => eb.or([eb(said(column), 'is', null), eb(said(column), '=', eb.fn.any(eb.val(values)))]))
      .orderBy('l.id')
  );
}

/** What an entry's payload says in a column. */
function said(column: string) {
  return sql<string | null>`l.payload::json ->> ${sql.lit(column)}`;
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
