import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, test, vi } from 'vitest';

import { closedPort, startWorld } from './testing.ts';

const SCRIPT = fileURLToPath(new URL('../../../scripts/processflow.ts', import.meta.url));

/** The program in a process of its own, as `pnpm processflow` runs it; `shell` may add a pipe. */
function spawnCli(args: string, env: Record<string, string>, pipe = '') {
  const command = `"$0" "$1" ${args}`;
  // A shell in between would die of the signal itself.
  const child: ChildProcess = spawn(
    '/bin/sh',
    ['-c', pipe === '' ? `exec ${command}` : `${command} ${pipe}`, process.execPath, SCRIPT],
    {
      env: { PATH: process.env['PATH'], ...env },
      // A group of its own, which Ctrl-C reaches as a whole.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const said = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const ended = once(child, 'close') as Promise<[number | null]>;
  return {
    said,
    ended: async () => (await ended)[0],
    interrupt: () => process.kill(-child.pid!, 'SIGINT'),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
      await ended;
    },
  };
}

test('Ctrl-C ends it with 130, without a word', async () => {
  await using world = await startWorld();
  await using tail = spawnCli('tail', world.env);
  await vi.waitFor(() => expect(tail.said.err).toContain('Listening'), { timeout: 10_000 });
  tail.interrupt();
  expect(await tail.ended()).toBe(130);
  expect(tail.said).toEqual({ out: '', err: 'Listening to team 1 (One), all channels.\n' });
});

test('ends quietly when nobody reads any more, as before `| head`', async () => {
  await using world = await startWorld();
  await using tail = spawnCli('tail --json', world.env, '| head -n 1');
  await vi.waitFor(() => expect(tail.said.err).toContain('Listening'), { timeout: 10_000 });
  const over = tail.ended();
  // It learns that nobody reads when it writes.
  const rename = (name: string) =>
    world.database.db.updateTable('team').set({ name }).where('id', '=', 1).execute();
  for (let n = 0; (await Promise.race([over, rename(`Name ${n}`)])) !== 0; n += 1);
  expect(await over).toBe(0);
  expect(JSON.parse(tail.said.out)).toMatchObject({ channel: 'team_changes' });
  expect(tail.said.err).toBe('Listening to team 1 (One), all channels.\n');
});

test('the exit code is the shell’s, and NO_COLOR and FORCE_COLOR count', async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  await using mistaken = spawnCli('tale', {});
  expect(await mistaken.ended()).toBe(2);
  await using coloured = spawnCli(`doctor --token x --url ${url}`, { FORCE_COLOR: '1' });
  expect(await coloured.ended()).toBe(1);
  expect(coloured.said.out).toContain('\u001b[31m✗');
  await using plain = spawnCli(`doctor --token x --url ${url}`, { NO_COLOR: '1', FORCE_COLOR: '1' });
  expect(await plain.ended()).toBe(1);
  expect(plain.said.out).toContain('✗ server');
  expect(plain.said.out).not.toContain('\u001b');
});
