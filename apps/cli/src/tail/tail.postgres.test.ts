import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { faultyProxy, runCli, startCli, startWorld } from '../testing.ts';

test('shows the team’s changes, one line each, and ends when it is stopped', async () => {
  await using world = await startWorld();
  const { db } = world.database;
  const env = { PROCESSFLOW_URL: world.server.url, PROCESSFLOW_TOKEN: world.token };
  await using tail = startCli(['tail', '--channel', 'role_changes'], env);
  await tail.until(() => tail.said.err.includes('Listening to team 1 (One), role_changes.'));

  await db.updateTable('role').set({ name: 'Renamed' }).where('id', '=', 1).execute();
  await db.updateTable('role').set({ name: 'Elsewhere' }).where('id', '=', 5).execute();
  await db.updateTable('team').set({ name: 'Not asked for' }).execute();
  await db.deleteFrom('role').where('id', '=', 2).execute();
  await tail.until(() => tail.said.out.split('\n').length === 3);
  expect(tail.said.out).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} role_changes UPDATE seq=\d+ id=1 team_id=1 name="Renamed" pages=\["tasks"\] changed: name\n\d\d:\d\d:\d\d\.\d{3} role_changes DELETE seq=\d+ id=2 team_id=1 .*\n$/,
  );
  tail.stop();
  expect(await tail.exitCode).toBe(130);
  expect(tail.said.out + tail.said.err).not.toContain(world.token);
});

test('--json gives one object a line and nothing else', async () => {
  await using world = await startWorld();
  await using tail = startCli([
    'tail',
    '--json',
    '--url',
    world.server.url,
    '--token',
    world.token,
    '--team',
    '1',
  ]);
  await tail.until(() => tail.said.err.includes('all channels'));
  const name = 'a line\nbreak,   and \u001b[31ma \u009bcolour\u202e';
  await world.database.db.updateTable('team').set({ name }).where('id', '=', 1).execute();
  await tail.until(() => tail.said.out.endsWith('\n'));
  expect(JSON.parse(tail.said.out)).toMatchObject({
    channel: 'team_changes',
    operation: 'UPDATE',
    id: 1,
    name,
  });
  // oxlint-disable-next-line no-control-regex -- what a terminal would obey
  expect(tail.said.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('connects again by itself, and goes on with what it missed', async () => {
  await using world = await startWorld();
  await using proxy = await faultyProxy(world.server.url, {});
  await using tail = startCli(['tail', '--url', proxy.url, '--token', world.token]);
  await tail.until(() => tail.said.err.includes('Listening'));
  proxy.cut();
  await world.database.db.updateTable('team').set({ name: 'Meanwhile' }).where('id', '=', 1).execute();
  await tail.until(() =>
    /\d\d:\d\d:\d\d The connection to the server was lost.*\n\d\d:\d\d:\d\d Connected again\. What was missed follows\./.test(
      tail.said.err,
    ),
  );
  await tail.until(() => tail.said.out.includes('name="Meanwhile"'));
  await world.database.db.updateTable('team').set({ name: 'Heard again' }).where('id', '=', 1).execute();
  await tail.until(() => tail.said.out.includes('name="Heard again"'));
  expect(tail.said.out.match(/name="Meanwhile"/g)).toHaveLength(1);
});

test('says once that it is connected again, since when something may be missing, and why', async () => {
  await using world = await startWorld();
  let isDown = false;
  await using proxy = await faultyProxy(world.server.url, { refuses: () => isDown });
  await using tail = startCli(['tail', '--url', proxy.url, '--token', world.token]);
  await tail.until(() => tail.said.err.includes('Listening'));
  isDown = true;
  proxy.cut();
  await tail.until(() => tail.said.err.includes('The connection to the server was lost'));
  await sql`TRUNCATE change_log`.execute(world.database.db);
  isDown = false;
  await tail.until(() => tail.said.err.includes('Connected again'));
  await world.database.db.updateTable('team').set({ name: 'After it' }).where('id', '=', 1).execute();
  await tail.until(() => tail.said.out.includes('After it'));
  expect(tail.said.err.split('\n').slice(2)).toEqual([
    expect.stringMatching(
      /^\d\d:\d\d:\d\d Connected again\. What changed since \d\d:\d\d:\d\d may be missing \(unknown-position\)\.$/,
    ),
    '',
  ]);
});

test('leaves out the doctor’s own events, unless they are asked for', async () => {
  await using world = await startWorld();
  const { db } = world.database;
  await using all = startCli(['tail'], world.env);
  await using asked = startCli(['tail', '--channel', 'probe_changes'], world.env);
  await all.until(() => all.said.err.includes('Listening') && asked.said.err.includes('Listening'));
  await db.insertInto('probe').values({ team_id: 1, profile_id: world.ada.id, nonce: 'n' }).execute();
  await db.updateTable('team').set({ name: 'After it' }).where('id', '=', 1).execute();
  await asked.until(() => asked.said.out.includes('probe_changes'));
  await all.until(() => all.said.out.includes('After it'));
  expect(all.said.out).not.toContain('probe_changes');
});

test.each([
  ['npm', true],
  ['pnpm', false],
])('an argument that %s left over', async (name, advised) => {
  const env = { npm_config_user_agent: `${name}/11.0.0 node/v24.0.0 linux x64` };
  for (const args of [['tail', '1'], ['1']]) {
    const { code, err } = await runCli(args, env);
    expect(code).toBe(2);
    expect(err.includes('With npm, put `--` before the command')).toBe(advised);
  }
});

test('ends with 3 when the token is revoked, or is none', async () => {
  await using world = await startWorld();
  const { url } = world.server;
  await using tail = startCli(['tail', '--url', url, '--token', world.token]);
  await tail.until(() => tail.said.err.includes('Listening'));
  await world.database.db.deleteFrom('api_token').execute();
  expect(await tail.exitCode).toBe(3);
  expect(tail.said.err).toMatch(/all channels\.\nThis API token was revoked\. .*\n$/);
  const again = await runCli(['tail', '--url', url, '--token', world.token]);
  expect(again).toMatchObject({
    code: 3,
    out: '',
    err: expect.stringContaining('Not allowed: This API token'),
  });
  expect(again.err).not.toContain(world.token);
});

test('a mistake ends with 2 and names what there is', async () => {
  await using world = await startWorld();
  const env = { PROCESSFLOW_URL: world.server.url, PROCESSFLOW_TOKEN: world.token };
  const mistakes: [string[], string][] = [
    [['tail', '--channel', 'role_chnages'], 'Channel "role_chnages" is not defined. Defined: '],
    [['tail', '--channel', 'role_chnages'], ' Did you mean role_changes?'],
    [['tail', '--team', '2'], 'Team 2 is not open to this token. Open to it: 1 (One).'],
    [['tail', '--team', 'one'], 'not "one"'],
    [['tail', '--chanel', 'x'], "Unknown option '--chanel'. Options of tail: --url, --token, --team"],
    [['tail', 'role_changes'], "Unexpected argument 'role_changes'"],
    [['tail', '--url', 'nowhere'], 'not "nowhere"'],
    [['tail', '--token', 'a b'], 'was it copied whole?'],
    [['tale'], 'There is no command "tale". Commands: tail, doctor, why.'],
    [[], 'Usage: npm run --silent processflow -- <command>'],
  ];
  for (const [args, message] of mistakes) {
    const { code, out, err } = await runCli(args, env);
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: expect.stringContaining(message) });
  }
  const nameless = await runCli(['tail'], { PROCESSFLOW_URL: world.server.url });
  expect(nameless).toMatchObject({ code: 2, err: expect.stringContaining('An API token is needed') });
});

test('a server that is not there ends with 1', async () => {
  const { code, err } = await runCli(['tail', '--url', 'http://127.0.0.1:9', '--token', 'x']);
  expect(code).toBe(1);
  expect(err).toContain('http://127.0.0.1:9 cannot be reached');
});

test('warns of a token on an open wire', async () => {
  await using tail = startCli(['tail', '--url', 'http://192.0.2.1', '--token', 'x']);
  await tail.until(() => tail.said.err !== '');
  expect(tail.said.err).toContain('http://192.0.2.1 is not encrypted');
});

test('says how it is used', async () => {
  for (const args of [['--help'], ['tail', '--help'], ['doctor', '-h']]) {
    expect(await runCli(args)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Usage: npm run --silent processflow -- '),
      err: '',
    });
  }
  expect(await runCli(['--version'])).toMatchObject({ code: 0, out: '0.1.0\n' });
});
