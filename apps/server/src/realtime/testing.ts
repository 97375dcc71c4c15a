import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { channels } from '@processflow/db';
import type { TestDatabase } from '@processflow/db/testing';
import { createFanOut } from '@processflow/events/server';
import { listenForChanges } from '@processflow/events/postgres';
import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, TRPCClientError } from '@trpc/client';
import { EventSource } from 'eventsource';
import { sql } from 'kysely';
import { expect, vi } from 'vitest';

import type { Auth } from '../auth.ts';
import { createRequestHandler } from '../http.ts';
import type { AppRouter } from '../router.ts';
import { cutStalledConnections } from '../stalled.ts';
import { testServices } from '../testing.ts';
import { createStreamLimits, type StreamLimitSettings } from './limits.ts';

/** A channel of these tests' own: what comes on it comes after what was committed before. */
const SENTINEL = 'settled';
/** For `vi.waitFor`, whose own limit of a second is too short on a busy machine; the test's limit holds anyway. */
export const until = { timeout: 10_000, interval: 10 };
const QUICK = { heartbeat: 100, timeout: 1_000 };

export interface TestServerOptions {
  readonly publicUrl?: string;
  /** Takes the clients' addresses from `X-Forwarded-For`. */
  readonly trustProxy?: boolean;
  /** Default: more than any test asks for. */
  readonly limits?: Partial<StreamLimitSettings>;
  readonly connectionString?: string;
  readonly stalled?: { limit: number; check: number };
}

/** A whole server over a test's database: listener, hub, HTTP on a port of its own. */
export async function startTestServer(
  { db, connectionString }: TestDatabase,
  options: TestServerOptions = {},
) {
  const services = testServices(db, options.publicUrl);
  await hashCheaply(services.auth);
  const reports: unknown[] = [];
  const limits = createStreamLimits({
    streamsPerViewer: 10_000,
    streamsPerAddress: 10_000,
    opensPerViewer: 10_000,
    opensPerAddress: 10_000,
    ...options.limits,
  });
  let heard = 0;
  const listener = await listenForChanges({
    definitions: { ...channels, [SENTINEL]: channels.role_changes },
    hub: {
      attach: (source, head) => services.hub.attach(source, head),
      take(batch) {
        const announcements = batch.announcements.filter(
          (one) => one.kind === 'change' || one.channel !== SENTINEL,
        );
        services.hub.take({ ...batch, announcements });
        heard += batch.announcements.length - announcements.length;
      },
      gap: (to, reason) => services.hub.gap(to, reason),
    },
    connectionString: options.connectionString ?? connectionString,
    onNotification: services.probeEar.hear,
    onError: (error) => reports.push(error),
    ...QUICK,
  });
  const server = createServer();
  server.on(
    'request',
    createRequestHandler({
      services,
      limits,
      fanOut: createFanOut(),
      web: (_, response) => response.end('the app'),
      publicUrl: options.publicUrl,
      trustProxy: options.trustProxy ?? false,
      onError: (error) => reports.push(error),
    }),
  );
  const stalled = cutStalledConnections(server, options.stalled);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  /** Resolves once the hub has heard everything that was committed before. */
  const settled = async (): Promise<void> => {
    const before = heard;
    await sql`SELECT change_event_resync(${SENTINEL}, 'settled')`.execute(db);
    await vi.waitFor(() => expect(heard).toBeGreaterThan(before), { ...until, interval: 5 });
  };
  return {
    url,
    services,
    hub: services.hub,
    limits,
    listener,
    /** What the server reported and went on from. */
    reports,
    settled,
    async signIn(name: string, teams?: SignInTeams) {
      const viewer = await signIn(url, db, name, teams);
      await settled();
      return viewer;
    },
    async [Symbol.asyncDispose]() {
      stalled[Symbol.dispose]();
      await listener[Symbol.asyncDispose]();
      await close(server);
    },
  };
}

/** A hash that is hard to guess from takes longer than all else that a test does, and is not what these are about. */
async function hashCheaply(auth: Auth): Promise<void> {
  const { password } = await auth.$context;
  password.hash = async (text) => `hash of ${text}`;
  password.verify = async ({ hash, password: text }) => hash === `hash of ${text}`;
}

export type TestServer = Awaited<ReturnType<typeof startTestServer>>;

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

/** team -> the roles held there, or `'owner'`. */
type SignInTeams = Record<number, readonly number[] | 'owner'>;

const PASSWORD = 'a password for tests';

/** Signs somebody in through better-auth, making them and their memberships when they are new. */
async function signIn(url: string, db: TestDatabase['db'], name: string, teams: SignInTeams = {}) {
  const email = `${name}@example.com`;
  const post = (path: string, body: object) =>
    fetch(`${url}/api/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: PASSWORD, ...body }),
    });
  let answer = await post('/sign-in/email', {});
  if (!answer.ok) answer = await post('/sign-up/email', { name });
  if (!answer.ok) throw new Error(await answer.text());
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const { user } = (await answer.json()) as { user: { id: string } };
  await db.updateTable('profile').set({ email_verified: true }).where('id', '=', user.id).execute();
  for (const [teamId, roles] of Object.entries(teams)) {
    const membership = { team_id: Number(teamId), profile_id: user.id };
    await db
      .insertInto('profile_team')
      .values({ ...membership, is_owner: roles === 'owner' })
      .execute();
    for (const role_id of roles === 'owner' ? [] : roles) {
      await db
        .insertInto('profile_role_team')
        .values({ ...membership, role_id })
        .execute();
    }
  }
  return { id: user.id, name, email, cookie };
}

export type TestViewer = Awaited<ReturnType<typeof signIn>>;

interface Ending {
  code?: string;
  message?: string;
}

/** Frames as they come, to be awaited by what they are and not by when. */
class Heard {
  readonly frames: { id: string; data: Record<string, unknown> }[] = [];
  ended: Ending | undefined;
  #wake = Promise.withResolvers<void>();

  add(id: string, data: unknown): void {
    this.frames.push({ id, data: data as Record<string, unknown> });
    this.#notify();
  }

  end(why: Ending): void {
    this.ended ??= why;
    this.#notify();
  }

  /** The first frame, from number `from` on, that has these members. */
  async next(like: Record<string, unknown>, from = 0): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.frames.slice(from).find(({ data }) => matches(data, like));
      if (found !== undefined) return found.data;
      if (this.ended !== undefined)
        throw new Error(`ended (${JSON.stringify(this.ended)}) without ${JSON.stringify(like)}`);
      await this.#wake.promise;
    }
  }

  async whenEnded(): Promise<Ending> {
    while (this.ended === undefined) await this.#wake.promise;
    return this.ended;
  }

  /** Channels in order, `position` and `resync` among them. */
  get channels(): string[] {
    return this.frames.map(({ data }) => String(data['channel']));
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

function matches(data: Record<string, unknown>, like: Record<string, unknown>): boolean {
  return Object.entries(like).every(([key, value]) => data[key] === value);
}

/** A person's cookie, or the token of a program. */
type Credentials = { readonly cookie: string } | { readonly token: string };

function headersOf(credentials: Credentials): Record<string, string> {
  if ('cookie' in credentials) return { cookie: credentials.cookie };
  return { authorization: `Bearer ${credentials.token}` };
}

function withHeaders(headers: Record<string, string>) {
  return class extends EventSource {
    constructor(url: string | URL) {
      super(url, {
        fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
      });
    }
  };
}

type ChangesInput = Parameters<
  ReturnType<typeof createTRPCClient<AppRouter>>['realtime']['changes']['subscribe']
>[0];

/** The stream as the app's own client hears it: `httpSubscriptionLink` over a real socket. */
export function openStream(server: { url: string }, viewer: Credentials, input?: ChangesInput) {
  const heard = new Heard();
  const url = `${server.url}/api/trpc`;
  const client = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({ url, EventSource: withHeaders(headersOf(viewer)) }),
        false: httpLink({ url, headers: headersOf(viewer) }),
      }),
    ],
  });
  const subscription = client.realtime.changes.subscribe(input, {
    onData: ({ id, data }) => heard.add(id, data),
    onError: (error) =>
      heard.end({
        code: error instanceof TRPCClientError ? String(error.data?.code) : 'UNKNOWN',
        message: error.message,
      }),
    onComplete: () => heard.end({ code: 'COMPLETE' }),
  });
  return Object.assign(heard, { client, [Symbol.dispose]: () => subscription.unsubscribe() });
}

/** The stream as plain SSE, read by an EventSource. */
export function openPlain(server: { url: string }, viewer: Credentials, query = '') {
  const heard = new Heard();
  const source = new (withHeaders(headersOf(viewer)))(`${server.url}/api/realtime${query}`);
  const add = (message: MessageEvent<string>): void => {
    if (message.type === 'revoked') heard.end(JSON.parse(message.data) as Ending);
    else heard.add(message.lastEventId, JSON.parse(message.data));
  };
  for (const type of [
    'position',
    'resync',
    'revoked',
    'role_changes',
    'team_changes',
    'profile_team_changes',
    'invitation_changes',
    'api_token_changes',
    'forged',
  ]) {
    source.addEventListener(type, add);
  }
  source.addEventListener('error', (event) =>
    heard.end({ code: String(event.code), message: event.message ?? '' }),
  );
  return Object.assign(heard, { [Symbol.dispose]: () => source.close() });
}

/** Teams 1 and 2, and in each a role per page: ids 1 to 4 in team 1 open tasks, instances, models, invitations. */
export async function addTeams({ db }: TestDatabase): Promise<void> {
  await db
    .insertInto('team')
    .values([{ name: 'One' }, { name: 'Two' }])
    .execute();
  const pages = ['tasks', 'instances', 'models', 'invitations'] as const;
  for (const team_id of [1, 2]) {
    await db
      .insertInto('role')
      .values(pages.map((page) => ({ team_id, name: page, pages: [page] })))
      .execute();
  }
}

/** One row on every public channel, in the team. */
export async function touchEverything({ pool }: TestDatabase, teamId: number): Promise<void> {
  const values = [teamId];
  await pool.query(`UPDATE team SET name = name || '!' WHERE id = $1`, values);
  await pool.query(
    `WITH p AS (INSERT INTO profile (id, name, email) VALUES (gen_random_uuid(), 'New', 'new' || $1::text || '@example.org') RETURNING id) INSERT INTO profile_team (team_id, profile_id) SELECT $1::int, id FROM p`,
    values,
  );
  await pool.query(
    `INSERT INTO profile_role_team (team_id, profile_id, role_id) SELECT $1, t.profile_id, r.id FROM profile_team t JOIN profile p ON p.id = t.profile_id AND p.name = 'New' JOIN role r ON r.team_id = t.team_id AND r.name = 'tasks' WHERE t.team_id = $1`,
    values,
  );
  await pool.query(`UPDATE role SET colour = colour || '!' WHERE team_id = $1`, values);
  await pool.query(
    `INSERT INTO api_token (team_id, created_by, name, token_hash, hint) SELECT team_id, profile_id, 'token', 'hash' || team_id, 'hint' FROM profile_team t JOIN profile p ON p.id = t.profile_id AND p.name = 'New' WHERE team_id = $1`,
    values,
  );
  await pool.query(
    `INSERT INTO invitation (team_id, email, secret_hash, expires_at) VALUES ($1::int, 'guest@example.com', 'hash' || $1::text, '2030-01-01')`,
    values,
  );
  await pool.query(
    `INSERT INTO process_model (team_id, name, version, xml) VALUES ($1, 'model', 1, '')`,
    values,
  );
  await pool.query(
    `INSERT INTO flow_element (team_id, process_model_id, element_id, kind) SELECT team_id, id, 'e', 'task' FROM process_model WHERE team_id = $1`,
    values,
  );
  await pool.query(
    `INSERT INTO process_instance (team_id, process_model_id, status, next_number) SELECT team_id, id, 'Running', 2 FROM process_model WHERE team_id = $1`,
    values,
  );
  await pool.query(
    `INSERT INTO flow_element_instance (team_id, instance_of, is_part_of, number, status) SELECT e.team_id, e.id, i.id, 1, 'Active' FROM flow_element e JOIN process_instance i USING (team_id) WHERE team_id = $1`,
    values,
  );
}
