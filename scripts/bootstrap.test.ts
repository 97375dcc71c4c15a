import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

/**
 * A checkout whose `npx` only notes that it was called and puts Node in its place; while there is a file `npx-hangs`
 * or `npx-fails` it does that instead.
 */
async function fakeCheckout(
  script: string,
): Promise<AsyncDisposable & { path: string; installs(): Promise<number> }> {
  const path = await mkdtemp(join(tmpdir(), 'processflow-bootstrap-'));
  for (const folder of ['scripts', 'bin', 'apps/web', 'packages/engine'])
    await mkdir(join(path, folder), { recursive: true });
  await copyFile(new URL('./bootstrap.mjs', import.meta.url), join(path, 'scripts', 'bootstrap.mjs'));
  await writeFile(
    join(path, 'package.json'),
    JSON.stringify({ type: 'module', packageManager: 'pnpm@1.2.3' }),
  );
  await writeFile(join(path, 'pnpm-lock.yaml'), 'one');
  await writeFile(join(path, 'pnpm-workspace.yaml'), 'catalog:\n  nodejs: npm:node@24.5.6\n  other: 1.0.0\n');
  await writeFile(join(path, 'scripts', 'start.ts'), script);
  await symlink(process.execPath, join(path, 'bin', 'node'));
  await writeFile(
    join(path, 'bin', 'npx'),
    `#!/bin/sh
echo "$@" >> "${path}/npx-calls"
if [ -f "${path}/npx-hangs" ]; then echo hanging; exec sleep 60; fi
if [ -f "${path}/npx-fails" ]; then exit 1; fi
mkdir -p "${path}/node_modules/nodejs/bin" && ln -sfn "${process.execPath}" "${path}/node_modules/nodejs/bin/node"
`,
  );
  await chmod(join(path, 'bin', 'npx'), 0o755);
  return {
    path,
    async installs() {
      return (await readFile(join(path, 'npx-calls'), 'utf8')).trim().split('\n').length;
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true });
    },
  };
}

/** In a group of its own, as a shell starts it, so that a test can press Ctrl-C. */
function start(
  path: string,
  args = ['start'],
  { shell = false, env = {} } = {},
): { child: ChildProcess; line(): Promise<string> } {
  const command = [process.execPath, join(path, 'scripts', 'bootstrap.mjs'), ...args];
  // The second command keeps the shell from becoming the first, as the shell of many systems does.
  const [program, ...rest] = shell ? ['/bin/sh', '-c', '"$0" "$@"; true', ...command] : command;
  const child = spawn(program!, rest, {
    env: { ...process.env, PATH: `${join(path, 'bin')}:${process.env['PATH']}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    child,
    async line() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the output ended');
      return value;
    },
  };
}

const printPid = 'console.log(process.pid, ...process.argv.slice(2));';

test('installs with the pinned pnpm once, and again only when what is to be installed has changed', async () => {
  await using checkout = await fakeCheckout('console.log("ran", ...process.argv.slice(2));');
  const output: string[] = [];
  for (const change of ['', '', 'two']) {
    if (change !== '') await writeFile(join(checkout.path, 'pnpm-lock.yaml'), change);
    const { child } = start(checkout.path, ['start', '--flag']);
    child.stdout!.setEncoding('utf8').on('data', (text: string) => output.push(text));
    expect(await once(child, 'close')).toEqual([0, null]);
  }
  expect(await checkout.installs()).toBe(2);
  expect(await readFile(join(checkout.path, 'npx-calls'), 'utf8')).toContain(
    '--yes pnpm@1.2.3 install --frozen-lockfile --config.confirmModulesPurge=false --config.nodeVersion=24.5.6\n',
  );
  expect(output.join('').match(/ran --flag/g)).toHaveLength(3);
});

test('an installation that was interrupted is done again, even for what was installed before it', async () => {
  await using checkout = await fakeCheckout('console.log("ran");');
  await once(start(checkout.path).child, 'close');

  await writeFile(join(checkout.path, 'pnpm-lock.yaml'), 'two');
  await writeFile(join(checkout.path, 'npx-hangs'), '');
  const { child, line } = start(checkout.path);
  expect(await line()).toContain('Installing');
  expect(await line()).toBe('hanging');
  process.kill(-child.pid!, 'SIGINT');
  // Only when npx has let go of the output as well.
  expect(await once(child, 'close')).toEqual([null, 'SIGINT']);

  await writeFile(join(checkout.path, 'pnpm-lock.yaml'), 'one');
  await rm(join(checkout.path, 'npx-hangs'));
  expect(await once(start(checkout.path).child, 'close')).toEqual([0, null]);
  expect(await checkout.installs()).toBe(3);
});

test('an installation that fails without a registry says so, and nothing is run', async () => {
  await using checkout = await fakeCheckout('console.log("ran");');
  await writeFile(join(checkout.path, 'npx-fails'), '');
  const env = { npm_config_registry: 'http://127.0.0.1:1/' };
  const { child } = start(checkout.path, ['start'], { env });
  let [output, errors] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(errors).toMatch(
    /^\nThe npm registry http:\/\/127.0.0.1:1\/ cannot be reached \(.+\)\. Check the network/,
  );
  expect(output).not.toContain('ran');
});

test('passes the exit code on', async () => {
  await using checkout = await fakeCheckout('process.exit(7);');
  expect(await once(start(checkout.path).child, 'close')).toEqual([7, null]);
});

test('Ctrl-C reaches the program once, although npm repeats it, and it ends in its own time', async () => {
  await using checkout = await fakeCheckout(`
    let count = 0;
    const timer = setInterval(() => {}, 1000);
    process.on('SIGINT', () => {
      count++;
      setTimeout(() => { console.log('heard', count); clearInterval(timer); }, 200);
    });
    console.log('ready');`);
  const { child, line } = start(checkout.path);
  expect(await line()).toContain('Installing');
  expect(await line()).toBe('ready');
  process.kill(-child.pid!, 'SIGINT');
  process.kill(child.pid!, 'SIGINT');
  expect(await line()).toBe('heard 1');
  expect(await once(child, 'close')).toEqual([0, null]);
});

test('a program that a signal ends is told by the exit code a shell would give', async () => {
  await using checkout = await fakeCheckout(`setInterval(() => {}, 1000); ${printPid}`);
  const { child, line } = start(checkout.path);
  await line();
  await line();
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([128 + 15, null]);
});

test('when the bootstrap is killed, the program notices and ends', async () => {
  const lifetime = new URL('./lifetime.ts', import.meta.url).href;
  await using checkout = await fakeCheckout(`
    import { endWithParent } from ${JSON.stringify(lifetime)};
    endWithParent();
    process.on('SIGTERM', () => { console.log('ended in order'); process.exit(0); });
    setInterval(() => {}, 1000);
    ${printPid}`);
  const { child, line } = start(checkout.path);
  await line();
  await line();
  child.kill('SIGKILL');
  expect(await line()).toBe('ended in order');
});

test('when the shell in between dies of what npm was sent, the program ends all the same', async () => {
  await using checkout = await fakeCheckout(`
    process.on('SIGTERM', () => { console.log('ended in order'); process.exit(0); });
    setInterval(() => {}, 1000);
    ${printPid}`);
  const { child, line } = start(checkout.path, ['start'], {
    shell: true,
    env: { npm_lifecycle_event: 'start' },
  });
  await line();
  await line();
  child.kill('SIGTERM');
  expect(await line()).toBe('ended in order');
  await once(child, 'close');
});

test('an unknown command is answered with the known ones', async () => {
  await using checkout = await fakeCheckout('');
  const { child } = start(checkout.path, ['strat']);
  let errors = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(errors).toContain('start, dev, test');
});
