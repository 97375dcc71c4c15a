// Runs `scripts/<command>.ts` with the Node that the workspace pins, installing first what is missing or outdated.
// Plain Node, any version that can say that it is too old: hence no `node:` imports and no newer syntax up here.
import { spawn } from 'child_process';
import { createHash } from 'crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { constants } from 'os';
import { delimiter, dirname, join } from 'path';
import { fileURLToPath } from 'url';

const OLDEST_NODE = 20;
const SECOND = 1000;
const COMMANDS = ['start', 'dev', 'test', 'screenshots', 'bench', 'db', 'db-types', 'processflow'];
// What this command prints is read by programs.
const isData = process.argv[2] === 'processflow';
const say = isData ? console.error : console.log;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
const stamp = join(root, 'node_modules', '.processflow-install');
const node = join(root, 'node_modules', 'nodejs', 'bin', windows ? 'node.exe' : 'node');

main().catch((error) => fail(error.stack));

async function main() {
  const [command, ...args] = process.argv.slice(2);
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    fail(
      `This needs Node.js ${OLDEST_NODE} or newer to begin with; this is ${process.version}. See https://nodejs.org`,
    );
  }
  if (!COMMANDS.includes(command)) fail(`Say which command to run: ${COMMANDS.join(', ')}`);
  await install();
  const path = [join(root, 'node_modules', '.bin'), dirname(node), process.env.PATH].join(delimiter);
  const child = spawn(node, [join(root, 'scripts', `${command}.ts`), ...args], {
    // Over the channel the child notices when we are killed.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: path },
    // In a group of its own: Ctrl-C reaches us from the terminal and once more from npm, and must reach it once.
    detached: !windows,
  });
  if (!windows)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, passOnOnce(child, signal));
  stopWithParent(child);
  child.on('error', (error) => fail(`${node} cannot be run: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code === null ? 128 + constants.signals[signal] : code));
}

/** Passes a signal on to the child's group; the same again within a second is an echo of it. */
function passOnOnce(child, signal) {
  let last = -Infinity;
  return () => {
    const now = Date.now();
    if (now - last < SECOND) return;
    last = now;
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  };
}

/** npm passes a signal to a shell in between, which dies of it and tells nobody. */
function stopWithParent(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), SECOND / 4).unref();
}

async function install() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node)) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const pnpm = packageManager.replace(/\+.*/, '');
  const nodeVersion = /^ *nodejs: *npm:node@(.+)$/m.exec(
    readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'),
  );
  // An installation that does not come to its end leaves neither the old state nor the new one.
  rmSync(stamp, { force: true });
  say(`Installing dependencies with ${pnpm} (only when they have changed) ...`);
  const code = await run('npx', [
    '--yes',
    pnpm,
    'install',
    '--frozen-lockfile',
    '--config.confirmModulesPurge=false',
    // What is installed will run with that one; pnpm would warn of the one that is running now.
    ...(nodeVersion === null ? [] : [`--config.nodeVersion=${nodeVersion[1]}`]),
  ]);
  if (code !== 0) fail(await explainFailure(code));
  if (!existsSync(node)) {
    fail(`${node} is missing after the installation. Delete node_modules and try again.`);
  }
  writeFileSync(stamp, wanted);
}

/** Changes with whatever decides what is installed. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  const folders = ['.', 'db', 'e2e'];
  for (const parent of ['apps', 'packages']) {
    for (const name of readdirSync(join(root, parent)).toSorted()) folders.push(join(parent, name));
  }
  const files = [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    ...folders.map((folder) => join(folder, 'package.json')),
  ];
  for (const file of files) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(file).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function run(program, args) {
  return new Promise((resolve) => {
    // npx is a shell script on Windows.
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', isData ? process.stderr : 'inherit', 'inherit'],
      shell: windows,
    });
    child.on('error', (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.on('exit', (code) => resolve(code === null ? 1 : code));
  });
}

async function explainFailure(code) {
  if (code === 127) return 'npx was not found. It comes with Node.js (package "npm" on Debian).';
  const registry = process.env.npm_config_registry || 'https://registry.npmjs.org/';
  try {
    await fetch(registry, { method: 'HEAD', signal: AbortSignal.timeout(10 * SECOND) });
  } catch (error) {
    const reason = error.cause ? error.cause.message || error.cause.code : error.message;
    return `The npm registry ${registry} cannot be reached (${reason}). Check the network or proxy and try again.`;
  }
  return 'Installing failed, for the reason above. If it stays unclear: delete node_modules and try again.';
}

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
