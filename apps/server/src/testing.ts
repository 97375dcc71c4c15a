import { randomUUID } from 'node:crypto';

import type { Database } from '@processflow/db';
import type { Kysely } from 'kysely';

import { createAuth } from './auth.ts';
import { contextFor, type Profile, type Services } from './context.ts';
import { createRealtimeHub } from './realtime/realtime.ts';
import { appRouter } from './router.ts';
import { createCallerFactory } from './trpc.ts';

const createCaller = createCallerFactory(appRouter);

export type Caller = ReturnType<typeof createCaller>;

/** A person with the procedures they can call. */
export interface TestPerson extends Profile {
  call: Caller;
}

/** The services over a test's database; nothing in them outlives it. Reports fail the test. */
export function testServices(db: Kysely<Database>): Services {
  return {
    db,
    auth: createAuth({
      db,
      secret: 'a secret of no worth, for tests alone',
      baseUrl: 'http://localhost:3000',
      rateLimit: false,
      onLog: (level, message) => console.error(`auth ${level}: ${message}`),
    }),
    hub: createRealtimeHub(db, (error) => console.error(error)),
  };
}

/** Somebody who is signed in. */
export async function addPerson(
  services: Services,
  name: string,
  { emailVerified = true }: { emailVerified?: boolean } = {},
): Promise<TestPerson> {
  const profile = { id: randomUUID(), name, email: `${name.toLowerCase()}@example.com`, emailVerified };
  const { emailVerified: email_verified, ...columns } = profile;
  await services.db
    .insertInto('profile')
    .values({ ...columns, email_verified })
    .execute();
  return { ...profile, call: callerOf(services, profile) };
}

/** The procedures as this person, or as nobody. */
export function callerOf(services: Services, profile: Profile | null): Caller {
  return createCaller(contextFor(services, profile));
}

/** Makes somebody a member without an invitation, with these roles. */
export async function join(
  { db }: Services,
  teamId: number,
  { id }: Profile,
  roleIds: number[] = [],
): Promise<void> {
  await db.insertInto('profile_team').values({ team_id: teamId, profile_id: id }).execute();
  for (const role_id of roleIds) {
    await db.insertInto('profile_role_team').values({ team_id: teamId, profile_id: id, role_id }).execute();
  }
}
