import type { IncomingMessage } from 'node:http';

import { tcpProxy } from '@processflow/events/testing';
import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';

import { openStream } from '../../../server/src/realtime/testing.ts';
import { closedPort, faultyProxy, runCli, startWorld } from '../testing.ts';
import { pooledListening } from './testing.ts';

/** What the walk found, by hop. */
async function examine(args: readonly string[], env: Record<string, string> = {}) {
  const { code, out, err } = await runCli(['doctor', '--json', '--quick', '--timeout', '3', ...args], env);
  if (out === '') throw new Error(err);
  const { ok, failing, hops } = JSON.parse(out) as {
    ok: boolean;
    failing: string | null;
    hops: { hop: string; state: string; finding: string; advice?: string; line?: string }[];
  };
  const at = Object.fromEntries(hops.map((hop) => [hop.hop, hop]));
  return { code, ok, failing, states: hops.map(({ hop, state }) => `${hop}: ${state}`), at };
}

test('of a system that is well it says so, hop by hop', { timeout: 40_000 }, async () => {
  await using world = await startWorld();
  const { code, out } = await runCli(['doctor', '--database-url', world.database.connectionString], {
    PROCESSFLOW_URL: world.server.url,
    PROCESSFLOW_TOKEN: world.token,
  });
  expect(out).toMatch(
    /✓ trigger +\d+ ms.*\n✓ notification +\d+ ms.*\n✓ server +\d+ ms.*\n✓ listener +\d+ ms.*\n/,
  );
  expect(out).toMatch(
    /✓ proxy buffering +\d+ ms.*\n! HTTP version .*\n.*\n.*\n✓ stream +\d+ ms +.*, heartbeats, .*\n✓ inv/,
  );
  expect(out).toContain('Nothing is broken (1 with a warning).');
  expect(out).not.toContain(world.token);
  expect(code).toBe(0);
});

test('trigger: names the one that is gone, and the migration to make', async () => {
  await using world = await startWorld();
  await sql`DROP TRIGGER _900_announce_update ON role`.execute(world.database.db);
  const found = await examine(databaseOf(world), world.env);
  expect(found.failing).toBe('trigger');
  expect(found.at['trigger']).toMatchObject({
    finding: expect.stringContaining('role'),
    line: 'npm run db -- make-migration',
  });
  expect(found.at['trigger']?.advice).not.toContain('make-migration');
  // The probe's own are there, so the rest of the way can be walked.
  expect(found.states).toContain('listener: ok');
  expect(found.code).toBe(1);
});

test('trigger: with what all triggers need gone, nothing after it is asked', async () => {
  await using world = await startWorld();
  await sql`ALTER TABLE probe DISABLE TRIGGER _900_announce_update`.execute(world.database.db);
  const found = await examine(databaseOf(world), world.env);
  expect(found.failing).toBe('trigger');
  expect(found.at['trigger']).toMatchObject({
    finding: expect.stringContaining('disabled'),
    advice: 'Switch it on again, in the database:',
    line: 'ALTER TABLE public.probe ENABLE TRIGGER _900_announce_update;',
  });
  expect(found.states).toEqual([
    'trigger: fail',
    'notification: skip',
    'server: ok',
    'listener: skip',
    'proxy buffering: ok',
    'HTTP version: warn',
    'stream: ok',
    'invalidation: skip',
  ]);
});

test('trigger: a database that is not there is said to be so', async () => {
  const found = await examine([
    '--database-url',
    `postgres://nobody:secret@127.0.0.1:${await closedPort()}/none`,
  ]);
  expect(found.failing).toBe('trigger');
  expect(found.at['trigger']?.finding).toContain('ECONNREFUSED');
  expect(JSON.stringify(found)).not.toContain('secret');
});

test('notification: behind a pooler of transactions nobody listens', async () => {
  await using world = await startWorld();
  await using pooler = await pooledListening(world.database.connectionString);
  const found = await examine(['--database-url', pooler.connectionString], world.env);
  expect(found.failing).toBe('notification');
  expect(found.at['notification']?.advice).toContain('LISTEN needs a direct connection');
  // The server has a connection of its own.
  expect(found.states).toContain('listener: ok');
});

test('trigger: none fires in a session whose replication role is not its origin', async () => {
  await using world = await startWorld();
  const url = `${world.database.connectionString}?options=${encodeURIComponent('-c session_replication_role=replica')}`;
  const found = await examine(['--database-url', url], world.env);
  expect(found.failing).toBe('trigger');
  expect(found.at['trigger']?.finding).toContain('session_replication_role');
});

test('notification: a trigger of somebody else that keeps rows away, or makes others of them', async () => {
  await using world = await startWorld();
  for (const [body, finding] of [
    ['RETURN NULL;', "The probe's row was not written"],
    ["NEW.nonce = 'another'; RETURN NEW;", 'a client that listens heard nothing of it'],
  ] as const) {
    await sql
      .raw(
        `CREATE OR REPLACE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
       CREATE OR REPLACE TRIGGER meddle BEFORE INSERT OR UPDATE ON probe FOR EACH ROW EXECUTE FUNCTION meddle()`,
      )
      .execute(world.database.db);
    const found = await examine(databaseOf(world), world.env);
    expect(found.failing).toBe('notification');
    expect(found.at['notification']).toMatchObject({
      finding: expect.stringContaining(finding),
      line: expect.stringContaining("tgrelid = 'public.probe'::regclass"),
    });
  }
});

test('neither server nor database there: the server comes first, and where its database is found', async () => {
  const port = await closedPort();
  const args = [
    '--url',
    `http://127.0.0.1:${port}`,
    '--token',
    'x',
    '--database-url',
    `postgres://a@127.0.0.1:${port}/b`,
  ];
  const found = await examine(args);
  expect(found.failing).toBe('server');
  expect(found.at['trigger']?.advice).toContain('or the one that npm start prints');
  const { out } = await runCli(['doctor', ...args]);
  expect(out).toContain('Broken at: server, trigger. Begin with server.');
});

test('without the database it does not say that all is well', async () => {
  await using world = await startWorld();
  await sql`DROP TRIGGER _900_announce_update ON role`.execute(world.database.db);
  const { out } = await runCli(['doctor', '--quick'], world.env);
  expect(out).toContain(
    'Nothing is broken of what was looked at (1 with a warning). Not looked at: trigger, notification: give --database-url (npm start prints it).',
  );
});

test('server: not there, hidden behind its proxy, or something else', async () => {
  const nowhere = await examine(['--url', `http://127.0.0.1:${await closedPort()}`, '--token', 'x']);
  expect(nowhere.failing).toBe('server');
  expect(nowhere.at['server']?.finding).toContain('ECONNREFUSED');
  expect(nowhere.states.slice(3)).toEqual([
    'listener: skip',
    'proxy buffering: skip',
    'HTTP version: skip',
    'stream: skip',
    'invalidation: skip',
  ]);
  await using world = await startWorld();
  await using alone = await faultyProxy(world.server.url, { status: 502 });
  const hidden = await examine(['--url', alone.url], world.env);
  expect(hidden.failing).toBe('server');
  expect(hidden.at['server']).toMatchObject({ line: expect.stringContaining('proxy_pass') });
  await using other = await faultyProxy(world.server.url, { status: 200 });
  expect((await examine(['--url', other.url], world.env)).at['server']?.finding).toContain(
    'not as ProcessFlow does',
  );
});

test('server: a token that was revoked, or that the proxy keeps to itself', async () => {
  await using world = await startWorld();
  await using proxy = await faultyProxy(world.server.url, { drops: ['authorization'] });
  const kept = await examine(['--url', proxy.url], world.env);
  expect(kept.failing).toBe('server');
  expect(kept.at['server']?.line).toBe('proxy_set_header Authorization $http_authorization;');
  await world.database.db.deleteFrom('api_token').execute();
  const revoked = await examine([], world.env);
  expect(revoked.failing).toBe('server');
  expect(revoked.at['server']?.advice).toContain('Make a new API token');
});

test(
  'listener: the server that hears nothing is told from the database that says nothing',
  { timeout: 40_000 },
  async () => {
    const stack = new AsyncDisposableStack();
    await using _ = stack;
    let proxy: Awaited<ReturnType<typeof tcpProxy>> | undefined;
    await using world = await startWorld(async (connectionString) => {
      const url = new URL(connectionString);
      proxy = stack.use(await tcpProxy(Number(url.port)));
      url.hostname = '127.0.0.1';
      url.port = String(proxy.port);
      return { connectionString: url.href };
    });
    proxy?.goSilent();
    const alone = await examine([], world.env);
    expect(alone.failing).toBe('listener');
    expect(alone.at['listener']?.line).toBe(
      'npm run --silent processflow -- doctor --database-url "$DATABASE_URL"',
    );
    const both = await examine(databaseOf(world), world.env);
    expect(both.failing).toBe('listener');
    expect(both.at['listener']?.advice).toContain("The database announces it, so it is the server's own");
    // Its log is as far away as its notifications: it opens streams, and no proxy is to blame that they are silent.
    expect(both.states).toEqual([
      'trigger: ok',
      'notification: ok',
      'server: ok',
      'listener: fail',
      'proxy buffering: ok',
      'HTTP version: warn',
      'stream: skip',
      'invalidation: skip',
    ]);
  },
);

test('listener: the server that is not notified is late, and says so though all arrives', async () => {
  const stack = new AsyncDisposableStack();
  await using _ = stack;
  await using world = await startWorld(async (connectionString) => {
    const pooler = stack.use(await pooledListening(connectionString));
    return { connectionString: pooler.connectionString };
  });
  const found = await examine(databaseOf(world), world.env);
  expect(found.at['listener']).toMatchObject({
    finding: expect.stringContaining('did not reach the server, which found the probe in the change log'),
    advice: expect.stringContaining("point the server's DATABASE_URL at PostgreSQL's own port"),
  });
  expect(found.states).toEqual([
    'trigger: ok',
    'notification: ok',
    'server: ok',
    'listener: warn',
    'proxy buffering: ok',
    'HTTP version: warn',
    'stream: ok',
    'invalidation: ok',
  ]);
});

test('listener: a proxy that takes no POST', async () => {
  await using world = await startWorld();
  await using proxy = await faultyProxy(world.server.url, { refuses: ({ method }) => method === 'POST' });
  const found = await examine(['--url', proxy.url], world.env);
  expect(found.failing).toBe('listener');
  expect(found.at['listener']?.advice).toContain('let POST requests through');
});

test.each([
  ['for ever', { holds: 'for ever' }, 'Nothing of the stream came through', 'proxy_buffering off;'],
  ['the first frame for a while', { holds: 1_600 }, 'first frame arrived 1.', 'proxy_buffering off;'],
  [
    'events alone',
    { holds: 'for ever', holdsEventsOnly: true },
    'event did not come through',
    'proxy_buffering off;',
  ],
  [
    'events for a while',
    { holds: 1_600, holdsEventsOnly: true, name: 'Caddy' },
    'event was held back for 1.',
    'flush_interval -1',
  ],
] as const)('proxy buffering: one that holds %s', async (_, faults, finding, line) => {
  await using world = await startWorld();
  await using proxy = await faultyProxy(world.server.url, faults);
  const found = await examine(['--url', proxy.url], world.env);
  expect(found.failing).toBe('proxy buffering');
  expect(found.at['proxy buffering']).toMatchObject({ finding: expect.stringContaining(finding), line });
  expect(found.states.slice(2)).toEqual(expect.arrayContaining(['listener: ok', 'stream: skip']));
});

test('stream: one that is cut', { timeout: 30_000 }, async () => {
  await using world = await startWorld();
  await using proxy = await faultyProxy(world.server.url, { cutsAfter: 1_000 });
  const { code, out } = await runCli(['doctor', '--json', '--url', proxy.url], world.env);
  const { failing, hops } = JSON.parse(out) as {
    failing: string;
    hops: { hop: string; finding: string; line?: string }[];
  };
  expect(failing).toBe('stream');
  expect(hops.find(({ hop }) => hop === failing)).toMatchObject({
    finding: expect.stringMatching(/It was cut 1\.\d s after it was opened/),
    line: 'proxy_read_timeout 75s;',
  });
  expect(code).toBe(1);
});

test('stream: without ids, refused, or answered by something else', async () => {
  await using world = await startWorld();
  await using stripping = await faultyProxy(world.server.url, { stripsIds: true });
  const bare = await examine(['--url', stripping.url], world.env);
  expect(bare.failing).toBe('stream');
  expect(bare.at['stream']?.finding).toContain('carries no id');
  const isStream = ({ url }: IncomingMessage) => url?.includes('realtime.changes') === true;
  await using refusing = await faultyProxy(world.server.url, { refuses: isStream });
  const refused = await examine(['--url', refusing.url], world.env);
  expect(refused.failing).toBe('stream');
  expect(refused.at['stream']?.finding).toContain('HTTP 405');
});

test('stream: a token that is revoked meanwhile', { timeout: 30_000 }, async () => {
  await using world = await startWorld();
  using ears = openStream(world.server, world.ada, { channels: ['probe_changes'] });
  await ears.next({ channel: 'position' });
  const walk = runCli(['doctor', '--json'], world.env);
  // Both probes have been written and answered; it waits for the heartbeat of its stream.
  await ears.next({ operation: 'UPDATE' });
  await vi.waitFor(() => expect(world.server.hub.subscriberCount).toBe(2));
  await world.database.db.deleteFrom('api_token').execute();
  const { out } = await walk;
  const { failing, hops } = JSON.parse(out) as { failing: string; hops: { hop: string; finding: string }[] };
  expect(failing).toBe('stream');
  expect(hops.find(({ hop }) => hop === 'stream')?.finding).toContain('This API token was revoked');
});

test('without a token only the database is looked at', async () => {
  await using world = await startWorld();
  const { states, code } = await examine(databaseOf(world));
  expect(states.slice(0, 3)).toEqual(['trigger: ok', 'notification: ok', 'server: skip']);
  expect(code).toBe(0);
  expect(await runCli(['doctor'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('Say what to look at'),
  });
});

function databaseOf({ database }: { database: { connectionString: string } }): string[] {
  return ['--database-url', database.connectionString];
}
