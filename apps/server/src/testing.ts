import { randomUUID } from 'node:crypto';

import type { Database } from '@processflow/db';
import type { TestDatabase } from '@processflow/db/testing';
import type { Kysely } from 'kysely';
import { expect, vi } from 'vitest';

import { createAuth } from './auth.ts';
import { contextFor, type Profile, type Services } from './context.ts';
import { trustOwnOrigin } from './origin.ts';
import { createProbeEar } from './realtime/probe-ear.ts';
import { createRealtimeHub } from './realtime/realtime.ts';
import { createTurns } from './realtime/why/turns.ts';
import { appRouter } from './router.ts';
import { createCallerFactory } from './trpc.ts';

const createCaller = createCallerFactory(appRouter);

export type Caller = ReturnType<typeof createCaller>;

/** A person with the procedures they can call. */
export interface TestPerson extends Profile {
  call: Caller;
}

/** The services over a test's database; nothing in them outlives it. Reports fail the test. */
export function testServices(db: Kysely<Database>, publicUrl?: string): Services {
  return {
    db,
    auth: createAuth({
      db,
      secret: 'a secret of no worth, for tests alone',
      baseUrl: 'http://localhost:3000',
      trustedOrigins: trustOwnOrigin(publicUrl),
      rateLimit: false,
      onLog: (level, message) => console.error(`auth ${level}: ${message}`),
    }),
    hub: createRealtimeHub(db, (error) => console.error(error)),
    probeEar: createProbeEar(),
    whyTurns: createTurns(),
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

/** A team owned by Ada, with the example deployed: Bo does what Accounting does, Cleo what Management does. */
export async function exampleTeam(services: Services) {
  const [ada, bo, cleo] = [
    await addPerson(services, 'Ada'),
    await addPerson(services, 'Bo'),
    await addPerson(services, 'Cleo'),
  ];
  const { id: teamId } = await ada.call.team.create({ name: 'Demo' });
  const pages = ['tasks', 'instances'] as const;
  const draft = { teamId, pages: [...pages] };
  const accounting = await ada.call.role.create({ ...draft, name: 'Accounting', colour: 'teal' });
  const management = await ada.call.role.create({ ...draft, name: 'Management', colour: 'grape' });
  await join(services, teamId, bo, [accounting.id]);
  await join(services, teamId, cleo, [management.id]);
  const modelId = await deploy(ada.call, teamId, (await ada.call.model.example()).xml, {
    Accounting: { use: accounting.id },
    Management: { use: management.id },
  });
  return { ada, bo, cleo, teamId, modelId, accounting: accounting.id, management: management.id };
}

/** Uploads and deploys a model; whom it does not say is left to every member. */
export async function deploy(
  call: Caller,
  teamId: number,
  xml: string,
  roles: Record<string, { use: number }> = {},
): Promise<number> {
  const { id } = await call.model.upload({ teamId, xml });
  const { performers } = await call.model.get({ teamId, id });
  await call.model.deploy({
    teamId,
    id,
    roles: performers.map(({ name }) => ({ performer: name, role: roles[name] ?? 'everyone' })),
  });
  return id;
}

/** The one open task of this name. */
export async function openTask(call: Caller, teamId: number, name: string) {
  const tasks = await call.task.list({ teamId, filter: 'all' });
  const task = tasks.find((one) => one.name === name);
  if (task === undefined) {
    throw new Error(`No open task “${name}”, only: ${tasks.map((one) => one.name).join(', ')}`);
  }
  return task;
}

/** Holds what these statements lock, from a connection of its own, so that commands queue up behind it. */
export async function holdLocks({ pool }: TestDatabase, ...statements: string[]) {
  const client = await pool.connect();
  await client.query('begin');
  for (const statement of statements) await client.query(statement);
  let isOpen = false;
  const open = async () => {
    if (!isOpen) await client.query('commit');
    isOpen = true;
  };
  return {
    open,
    untilWaiting: (count: number) =>
      vi.waitFor(async () => {
        const { rowCount } = await pool.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(rowCount).toBe(count);
      }),
    async [Symbol.asyncDispose]() {
      await open();
      client.release();
    },
  };
}
