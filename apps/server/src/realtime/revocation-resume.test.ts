import { type TestDatabase, testDatabase } from '@processflow/db/testing';
import { expect, test, vi } from 'vitest';

import { addTeams, openStream, startTestServer, type TestServer, type TestViewer, until } from './testing.ts';

// Three servers and a dozen streams, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** Two servers over one database, and Bo in team 1, where a role of his opens the invitations; team 2 is his own. */
async function world() {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  await addTeams(database);
  const near = stack.use(await startTestServer(database));
  const far = stack.use(await startTestServer(database));
  const ada = await near.signIn('ada', { 1: 'owner', 2: 'owner' });
  const bo = await near.signIn('bo', { 1: [4], 2: 'owner' });
  await far.settled();
  let number = 0;
  return {
    database,
    near,
    far,
    servers: [near, far],
    ada,
    bo,
    /** A server that has just started and remembers nothing. */
    startAnother: async () => stack.use(await startTestServer(database)),
    /** Something that whoever sees the invitations of team 1 hears, or by default so. Gives what it is known by. */
    async write(email?: string): Promise<string> {
      number += 1;
      const expires_at = new Date(Date.UTC(2030, 0, 1, 0, number));
      const renewed = await database.db
        .updateTable('invitation')
        .set({ expires_at })
        .where('email', '=', email ?? '')
        .executeTakeFirst();
      if (renewed.numUpdatedRows === 0n) {
        const secret_hash = `hash ${number}`;
        await database.db
          .insertInto('invitation')
          .values({ team_id: 1, email: email ?? `guest${number}@example.org`, secret_hash, expires_at })
          .execute();
      }
      return expires_at.toISOString();
    },
    /** Comes after everything, on a channel that stays open to whoever owns team 2. */
    async conclude(): Promise<string> {
      number += 1;
      const name = `concluded ${number}`;
      await database.db.updateTable('team').set({ name }).where('id', '=', 2).execute();
      return name;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

type World = Awaited<ReturnType<typeof world>>;
type Stream = ReturnType<typeof openStream>;

/** Which of the written a stream has heard. */
function written(stream: Stream): string[] {
  return stream.frames
    .filter(({ data }) => data['channel'] === 'invitation_changes')
    .map(({ data }) => new Date(String(data['expires_at'])).toISOString());
}

/** Until the stream has heard this, or was ended. */
async function untilOver(stream: Stream, like: Record<string, unknown>): Promise<void> {
  await stream.next(like).catch((error: unknown) => {
    if (stream.ended === undefined) throw error;
  });
}

/** What it was not told, it has to fetch, as who it is by now. */
const startsOver = { channel: 'resync', reason: 'access-widened' };

/** Holds up whoever reads what a viewer may hear, after it has taken its snapshot. */
async function holdUpLoads({ pool }: TestDatabase, table: string) {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  let held = true;
  const release = async () => {
    if (!held) return;
    held = false;
    await client.query('COMMIT');
    client.release();
  };
  return {
    untilWaiting: (count: number) =>
      vi.waitFor(async () => {
        const { rowCount } = await pool.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        expect(rowCount).toBeGreaterThanOrEqual(count);
      }, until),
    release,
    [Symbol.asyncDispose]: release,
  };
}

interface Withdrawal {
  readonly name: string;
  readonly revoke: (world: World) => Promise<unknown>;
  /** What is written to, when it is an address and not the team. */
  readonly to?: (bo: TestViewer) => string;
  /** A table that loads read after their snapshot and `revoke` leaves alone. */
  readonly held: string;
  /** What streams are told at their end, when they end. */
  readonly ends: RegExp;
}

const withdrawals: Withdrawal[] = [
  {
    name: 'a membership removed',
    revoke: ({ database: { db }, bo }) =>
      db.deleteFrom('profile_team').where('team_id', '=', 1).where('profile_id', '=', bo.id).execute(),
    held: 'role',
    ends: /^still open$/,
  },
  {
    name: 'a role taken',
    revoke: ({ database: { db }, bo }) =>
      db.deleteFrom('profile_role_team').where('profile_id', '=', bo.id).execute(),
    held: 'role',
    ends: /^still open$/,
  },
  {
    name: 'a page taken',
    revoke: ({ database: { db } }) => db.updateTable('role').set({ pages: [] }).where('id', '=', 4).execute(),
    held: 'profile_role_team',
    ends: /^still open$/,
  },
  {
    name: 'a role removed',
    revoke: ({ database: { db } }) => db.deleteFrom('role').where('id', '=', 4).execute(),
    held: 'profile_team',
    ends: /^still open$/,
  },
  {
    name: 'a session ended',
    revoke: ({ database: { db }, bo }) => db.deleteFrom('session').where('profile_id', '=', bo.id).execute(),
    held: 'role',
    ends: /You have been signed out|Sign in to go on/,
  },
  {
    name: 'a session expired',
    revoke: ({ database: { db }, bo }) =>
      db
        .updateTable('session')
        .set({ expires_at: new Date(Date.now() - 1_000) })
        .where('profile_id', '=', bo.id)
        .execute(),
    held: 'role',
    ends: /Your session has expired|You have been signed out|Sign in to go on/,
  },
  {
    name: 'a profile deleted',
    revoke: ({ database: { db }, bo }) => db.deleteFrom('profile').where('id', '=', bo.id).execute(),
    held: 'role',
    ends: /This account is no longer there|You have been signed out|Sign in to go on/,
  },
  {
    name: 'an email changed',
    revoke: async ({ database: { db }, bo }) => {
      // Else he would hear of it as a member.
      await db.deleteFrom('profile_role_team').where('profile_id', '=', bo.id).execute();
      await db.updateTable('profile').set({ email: 'other@example.com' }).where('id', '=', bo.id).execute();
    },
    to: ({ email }) => email,
    held: 'role',
    ends: /^still open$/,
  },
];

test.each(withdrawals)(
  '$name: nothing after it on any stream of any server, open or resuming, from the ring or from the log',
  async ({ revoke, to, held, ends }) => {
    await using scene = await world();
    const { database, servers, bo, ada } = scene;
    const write = () => scene.write(to?.(bo));
    const everybody: Stream[] = [];
    const open = (server: TestServer, viewer: TestViewer, lastEventId?: string) => {
      const stream = openStream(server, viewer, lastEventId === undefined ? undefined : { lastEventId });
      everybody.push(stream);
      return stream;
    };
    try {
      const standing = servers.map((server) => open(server, bo));
      const kept = open(servers[0]!, ada);
      for (const stream of [...standing, kept]) await stream.next({ channel: 'position' });
      const began = kept.frames[0]!.id;
      const before = [await write(), await write()];
      for (const stream of standing) await vi.waitFor(() => expect(written(stream)).toEqual(before), until);

      await using hold = await holdUpLoads(database, held);
      const resuming = servers.flatMap((server) => [1, 2, 3].map(() => open(server, bo, began)));
      await hold.untilWaiting(servers.length);
      await revoke(scene);
      const after = [await write(), await write()];
      const conclusion = await scene.conclude();
      // The hubs have it all, and what the loads have read is from before.
      for (const server of servers) await server.settled();
      await hold.release();

      for (const stream of standing) await untilOver(stream, { channel: 'team_changes', name: conclusion });
      for (const stream of resuming) await untilOver(stream, startsOver);
      after.push(await write());
      const name = await scene.conclude();
      for (const stream of [...standing, ...resuming]) {
        await untilOver(stream, { channel: 'team_changes', name });
      }
      for (const stream of standing) expect(written(stream)).toEqual(before);
      for (const stream of resuming) expect(written(stream)).toEqual([]);

      const another = await scene.startAnother();
      const late = [...servers, another].map((server) => open(server, bo, began));
      for (const stream of late) {
        await untilOver(stream, startsOver);
        expect(written(stream)).toEqual([]);
      }
      for (const stream of [...standing, ...resuming, ...late]) {
        expect(stream.ended?.message ?? 'still open').toMatch(ends);
      }

      // Whoever stays hears it all: live, from the ring and from the log.
      for (const server of [...servers, another]) {
        const back = open(server, ada, began);
        await back.next({ channel: 'team_changes', name });
        expect(back.channels[0]).toBe('position');
        expect(written(back)).toEqual([...before, ...after]);
      }
      expect(written(kept)).toEqual([...before, ...after]);
    } finally {
      for (const stream of everybody) stream[Symbol.dispose]();
    }
  },
);

test('a stream that asked for the team is told so when it comes back after leaving', async () => {
  await using scene = await world();
  const { database, near, far, bo } = scene;
  using stream = openStream(near, bo, { teamId: 1 });
  await stream.next({ channel: 'position' });
  const began = stream.frames[0]!.id;
  await using hold = await holdUpLoads(database, 'role');
  using resuming = openStream(far, bo, { teamId: 1, lastEventId: began });
  await hold.untilWaiting(1);
  await database.db.deleteFrom('profile_team').where('profile_id', '=', bo.id).execute();
  await scene.write();
  await far.settled();
  await hold.release();
  using late = openStream(near, bo, { teamId: 1, lastEventId: began });
  for (const one of [stream, resuming, late]) {
    expect(await one.whenEnded()).toEqual({
      code: 'FORBIDDEN',
      message: 'You are not, or no longer, a member of this team.',
    });
    expect(written(one)).toEqual([]);
  }
});

test('an invitation that is revoked is said to who was invited, who never hears more of the team', async () => {
  await using scene = await world();
  const { database, near, far, servers } = scene;
  const guest = await near.signIn('guest');
  await far.settled();
  const standing = servers.map((server) => openStream(server, guest));
  for (const stream of standing) await stream.next({ channel: 'position' });
  const began = standing[0]!.frames[0]!.id;
  const own = await scene.write(guest.email);
  await scene.write();
  await database.db
    .updateTable('invitation')
    .set({ status: 'Revoked' })
    .where('email', '=', guest.email)
    .execute();
  const another = await scene.startAnother();
  const back = [...servers, another].map((server) => openStream(server, guest, { lastEventId: began }));
  for (const stream of [...standing, ...back]) {
    await stream.next({ channel: 'invitation_changes', status: 'Revoked', email: guest.email });
    expect(stream.channels).toEqual(['position', 'invitation_changes', 'invitation_changes']);
    expect(written(stream)).toEqual([own, own]);
    stream[Symbol.dispose]();
  }
});

test('nothing from before a join is replayed, nor from between a leave and the next join', async () => {
  await using scene = await world();
  const { database, near, servers } = scene;
  const cleo = await near.signIn('cleo', { 2: 'owner' });
  for (const server of servers) await server.settled();
  using stream = openStream(near, cleo);
  await stream.next({ channel: 'position' });
  const began = stream.frames[0]!.id;
  const membership = { team_id: 1, profile_id: cleo.id };
  const topics = () => near.hub.streams().find(({ key }) => key.profileId === cleo.id)?.topics;
  const join = async () => {
    await database.db.insertInto('profile_team').values(membership).execute();
    await database.db
      .insertInto('profile_role_team')
      .values({ ...membership, role_id: 4 })
      .execute();
    await vi.waitFor(() => expect(topics()).toContain('team:1/invitations'), until);
  };
  const secret = [await scene.write()];
  await join();
  const heard = [await scene.write()];
  await vi.waitFor(() => expect(written(stream)).toEqual(heard), until);
  const joined = stream.frames.at(-1)!.id;
  await database.db
    .deleteFrom('profile_team')
    .where('profile_id', '=', cleo.id)
    .where('team_id', '=', 1)
    .execute();
  secret.push(await scene.write());
  await vi.waitFor(() => expect(topics()).not.toContain('team:1/invitations'), until);
  await join();
  heard.push(await scene.write());
  await vi.waitFor(() => expect(written(stream)).toEqual(heard), until);

  for (const server of [...servers, await scene.startAnother()]) {
    for (const position of [began, joined]) {
      using back = openStream(server, cleo, { lastEventId: position });
      await back.next({ channel: 'resync', reason: 'access-widened' });
      const live = await scene.write();
      await vi.waitFor(() => expect(written(back)).toContain(live), until);
      expect(written(back)).toEqual([live]);
    }
  }
  expect(written(stream)).not.toContain(secret[0]);
  expect(written(stream)).not.toContain(secret[1]);
});
