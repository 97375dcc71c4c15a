import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { closedPort, runCli, startCli, startWorld } from '../testing.ts';

/** The team is renamed, then Cleo joins it. */
async function joinedLater() {
  const world = await startWorld();
  const { db } = world.database;
  await db.updateTable('team').set({ name: 'New' }).where('id', '=', 1).execute();
  const { id: seq } = await db
    .selectFrom('change_log')
    .where('channel', '=', 'team_changes')
    .select('id')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  await sql`UPDATE change_log SET at = at - interval '3 minutes' WHERE id = ${seq}`.execute(db);
  const cleo = await world.server.signIn('cleo', { 1: [] });
  const why = (...args: string[]) =>
    runCli(['why', '--event', String(seq), '--profile', cleo.email, ...args], world.env);
  return Object.assign(world, { seq, cleo, why });
}

test('says rule by rule why she did not hear it, and then in one line', async () => {
  await using world = await joinedLater();
  const { code, out, err } = await world.why();
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const lines = out.trimEnd().split('\n');
  expect(lines[0]).toBe(`Event ${world.seq}, team_changes, and cleo (cleo@example.com)`);
  expect(lines).toContain('✓ It went to team:1 (every member of the team).');
  expect(lines).toContain('✗ team:1 was not open to cleo then; it is now.');
  expect(lines).toContain('✓ cleo is a member of it now.');
  expect(lines.some((line) => line.startsWith('? cleo has no page or program open on this server now'))).toBe(
    true,
  );
  expect(lines.at(-1)).toMatch(/^cleo did not hear it: they joined the team 3 minutes later, at /);
  expect(out + err).not.toContain(world.token);
});

test('--json gives the whole answer as one object; colours only where they are wanted', async () => {
  await using world = await joinedLater();
  const { code, out } = await world.why('--json');
  expect(code).toBe(0);
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(out)).toMatchObject({
    event: { seq: world.seq, channel: 'team_changes', operation: 'UPDATE', topics: ['team:1'] },
    person: { kind: 'member', name: 'cleo', email: 'cleo@example.com' },
    conclusion: { heard: 'no' },
  });
  expect((await world.why('--color')).out).toContain('\u001b[31m✗\u001b[39m team:1 was not open');
});

test('a name of others cannot give the terminal orders', async () => {
  await using world = await joinedLater();
  const name = 'Cleo\u001b[2J\u202e';
  await world.database.db.updateTable('profile').set({ name }).where('id', '=', world.cleo.id).execute();
  const { out } = await world.why();
  expect(out).toContain(String.raw`Cleo\u001b[2J\u202e (cleo@example.com)`);
  expect(out).not.toContain('\u001b');
});

test('no such event, no such person: 1, in the server’s words', async () => {
  await using world = await joinedLater();
  expect(await world.why('--event', '999999')).toEqual({
    code: 1,
    out: '',
    err: 'No event has the number 999999 yet.\n',
  });
  expect(await world.why('--profile', 'nobody@example.com')).toMatchObject({
    code: 1,
    err: expect.stringContaining('nobody@example.com is no address of this team'),
  });
});

test('who is no owner any more is told so: 3', async () => {
  await using world = await joinedLater();
  const { db } = world.database;
  await db.updateTable('profile_team').set({ is_owner: false }).where('team_id', '=', 1).execute();
  const { code, err } = await world.why();
  expect(code).toBe(3);
  expect(err).toMatch(/^Not allowed: /);
  expect(await world.why('--token', 'pf_wrong')).toMatchObject({ code: 3, out: '' });
});

test.each([
  [['--profile', 'a@b.example'], 'Say which event, as in --event 1042.'],
  [['--event', '7'], 'Say whom it is about, as in --profile cleo@example.com.'],
  [['--event', '-1', '--profile', 'a@b.example'], '--event'],
  [
    ['--event', '1.5', '--profile', 'a@b.example'],
    '--event is the event\'s number, as in --event 1042, not "1.5".',
  ],
  [
    ['--event', '7', '--profile', 'Cleo'],
    '--profile is an email address, as in --profile cleo@example.com, not "Cleo".',
  ],
  [['--event', '7', '--profile', 'a@b.example'], 'An API token is needed'],
  [['--event', '7', '--profile', 'a@b.example', '--team', 'x', '--token', 't'], '--team is the team'],
  [['--evnt', '7'], 'Options of why: --url, --token'],
])('not understood: %j', async (args, expected) => {
  const { code, out, err } = await runCli(['why', ...args]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(expected);
});

test('an address the server does not take for one: 2; a server that is away: 1; --help', async () => {
  await using world = await joinedLater();
  expect(await world.why('--profile', 'a@b@c')).toEqual({
    code: 2,
    out: '',
    err: 'This does not look like an email address.\n',
  });
  const url = `http://127.0.0.1:${await closedPort()}`;
  expect(await world.why('--url', url)).toMatchObject({
    code: 1,
    err: expect.stringContaining('cannot be reached'),
  });
  expect(await runCli(['why', '--help'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('why --event <seq>'),
  });
  expect((await runCli(['--help'])).out).toContain('  why ');
});

test('Ctrl-C ends it with 130', async () => {
  await using world = await joinedLater();
  await using run = startCli(['why', '--event', '1', '--profile', 'a@b.example'], world.env);
  run.stop();
  expect(await run.exitCode).toBe(130);
  expect(run.said).toEqual({ out: '', err: '' });
});
