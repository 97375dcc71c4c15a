import { type TestDatabase, testDatabase } from '@processflow/db/testing';
import { sql } from 'kysely';

import type { Profile } from '../../context.ts';
import { addPerson, join, testServices } from '../../testing.ts';
import { addTeams, touchEverything } from '../testing.ts';

/** Teams 1 and 2; Ada owns the first, Eve the second. Without a server: nobody has anything open. */
export async function twoTeams() {
  const database = await testDatabase();
  await addTeams(database);
  const services = testServices(database.db);
  const [ada, eve] = [await addPerson(services, 'Ada'), await addPerson(services, 'Eve')];
  await join(services, 1, ada);
  await join(services, 2, eve);
  await database.db.updateTable('profile_team').set({ is_owner: true }).execute();
  return {
    database,
    services,
    ada,
    eve,
    add: (name: string) => addPerson(services, name),
    join: (teamId: number, person: Profile, roles: number[] = []) => join(services, teamId, person, roles),
    why: (seq: number, { email }: { email: string }) => ada.call.realtime.why({ teamId: 1, seq, email }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** The number of the newest event on the channel. */
export async function newest({ db }: TestDatabase, channel: string): Promise<number> {
  const { id } = await db
    .selectFrom('change_log')
    .where('channel', '=', channel)
    .orderBy('id', 'desc')
    .select('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Renames the team, which every member hears of. */
export async function rename(database: TestDatabase, teamId = 1): Promise<number> {
  await sql`UPDATE team SET name = name || '!' WHERE id = ${teamId}`.execute(database.db);
  return newest(database, 'team_changes');
}

/** Something that members hear whose roles open Tasks or Instances. */
export async function work(database: TestDatabase): Promise<number> {
  await touchEverything(database, 1);
  return newest(database, 'flow_element_instance_changes');
}

/** Makes the log say that the event came so much earlier. */
export async function age({ db }: TestDatabase, seq: number, seconds: number): Promise<void> {
  await sql`UPDATE change_log SET at = at - ${seconds} * interval '1 second' WHERE id = ${seq}`.execute(db);
}

/** The same again, once there is work. */
export async function goOn(database: TestDatabase): Promise<number> {
  await sql`UPDATE flow_element_instance SET started_at = now() WHERE team_id = 1`.execute(database.db);
  return newest(database, 'flow_element_instance_changes');
}
