import { randomUUID } from 'node:crypto';

import type { Database } from '@processflow/db';
import { type Kysely, sql, type Transaction } from 'kysely';

import { contextFor, type Profile, type Services } from './context.ts';
import { seedDemoWork } from './example/demo-work.ts';
import { transact } from './transact.ts';

/** How to sign in to the demo; told at the start. Never seeded into a database that is not for trying out. */
export const demoSignIns = {
  password: 'processflow-demo',
  people: [
    { email: 'ada@example.com', name: 'Ada', who: 'owner of the team “Demo”' },
    { email: 'bo@example.com', name: 'Bo', who: 'member of “Demo” in Accounting' },
    { email: 'cleo@example.com', name: 'Cleo', who: 'owner of the team “Other”' },
  ],
} as const;

/**
 * Fills an empty database with people, teams and running work, once: all of it in one transaction, or nothing.
 * A database with anybody in it stays as it is.
 *
 * @returns whether it was seeded now
 */
export async function seedDemo(services: Services): Promise<boolean> {
  const { password } = await services.auth.$context;
  const hash = await password.hash(demoSignIns.password);
  return transact(services.db, async (trx) => {
    // Two servers that start at once would both find it empty.
    await sql`lock table profile in share row exclusive mode`.execute(trx);
    const somebody = await trx.selectFrom('profile').select('id').limit(1).executeTakeFirst();
    if (somebody !== undefined) return false;
    const [ada, bo, cleo] = demoSignIns.people;
    const within = { ...services, db: trx };
    await seedDemoWork(trx, {
      ada: contextFor(within, await addPerson(trx, ada, hash)),
      bo: contextFor(within, await addPerson(trx, bo, hash)),
      cleo: contextFor(within, await addPerson(trx, cleo, hash)),
    });
    return true;
  });
}

/** Whether the demo's people are there, so that their sign-ins may be told. */
export async function hasDemo(db: Kysely<Database>): Promise<boolean> {
  const emails = demoSignIns.people.map(({ email }) => email);
  const found = await db.selectFrom('profile').where('email', 'in', emails).select('id').execute();
  return found.length === emails.length;
}

/** As better-auth's own sign-up would, but verified: no mail is sent that could do it. */
async function addPerson(
  trx: Transaction<Database>,
  { email, name }: { email: string; name: string },
  passwordHash: string,
): Promise<Profile> {
  const id = randomUUID();
  await trx.insertInto('profile').values({ id, name, email, email_verified: true }).execute();
  await trx
    .insertInto('account')
    .values({
      id: randomUUID(),
      profile_id: id,
      account_id: id,
      provider_id: 'credential',
      password: passwordHash,
    })
    .execute();
  return { id, name, email, emailVerified: true };
}
