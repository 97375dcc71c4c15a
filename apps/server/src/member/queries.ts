import { type Database, type Page, PAGES } from '@processflow/db';
import { type Kysely, sql } from 'kysely';

/** What one person is and may do in one team. */
export interface Membership {
  teamId: number;
  teamName: string;
  isOwner: boolean;
  /** Pages that are open to them; for owners all. */
  pages: Page[];
  roleIds: number[];
}

export interface Member {
  profileId: string;
  name: string;
  email: string;
  isOwner: boolean;
  joinedAt: Date;
  roleIds: number[];
}

/** Null for strangers and for teams that do not exist. */
export async function readMember(
  db: Kysely<Database>,
  profileId: string,
  teamId: number,
): Promise<Membership | null> {
  const [member] = await readMemberships(db, profileId, teamId);
  return member ?? null;
}

/** Every team of this person (or the one), by name. */
export async function readMemberships(
  db: Kysely<Database>,
  profileId: string,
  teamId?: number,
): Promise<Membership[]> {
  let query = db
    .selectFrom('profile_team as m')
    .innerJoin('team as t', 't.id', 'm.team_id')
    .leftJoin('profile_role_team as a', (join) =>
      join.onRef('a.team_id', '=', 'm.team_id').onRef('a.profile_id', '=', 'm.profile_id'),
    )
    .leftJoin('role as r', 'r.id', 'a.role_id')
    .where('m.profile_id', '=', profileId)
    .select(['t.id as teamId', 't.name as teamName', 'm.is_owner as isOwner', 'r.id as roleId', 'r.pages'])
    .orderBy('t.name')
    .orderBy('t.id')
    .orderBy('r.id');
  if (teamId !== undefined) query = query.where('m.team_id', '=', teamId);

  const memberships = new Map<number, Membership>();
  for (const row of await query.execute()) {
    const { teamId: id, teamName, isOwner } = row;
    const known = memberships.get(id) ?? { teamId: id, teamName, isOwner, pages: [], roleIds: [] };
    if (row.roleId !== null) known.roleIds.push(row.roleId);
    known.pages = pagesOf(isOwner, [...known.pages, ...(row.pages ?? [])]);
    memberships.set(id, known);
  }
  return [...memberships.values()];
}

/** An owner opens every page, whatever their roles. */
export function pagesOf(isOwner: boolean, pages: readonly Page[]): Page[] {
  return PAGES.filter((page) => isOwner || pages.includes(page));
}

/** The members of a team, those who joined first before the others. */
export async function listMembers(db: Kysely<Database>, teamId: number): Promise<Member[]> {
  return db
    .selectFrom('profile_team as m')
    .innerJoin('profile as p', 'p.id', 'm.profile_id')
    .where('m.team_id', '=', teamId)
    .select((eb) => [
      'm.profile_id as profileId',
      'p.name',
      'p.email',
      'm.is_owner as isOwner',
      'm.joined_at as joinedAt',
      sql<number[]>`array(${eb
        .selectFrom('profile_role_team as a')
        .whereRef('a.profile_id', '=', 'm.profile_id')
        .where('a.team_id', '=', teamId)
        .select('a.role_id')
        .orderBy('a.role_id')})`.as('roleIds'),
    ])
    .orderBy('m.joined_at')
    .orderBy('m.id')
    .execute();
}
