import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const MODULES = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules', '/usr/share/nginx/modules'];
const SECOND = 1_000;

interface Installed {
  readonly nginx: string;
  readonly nchan: string;
}

/** nginx with Nchan as a system's packages install them. Linux only: what it uses is read from /proc. */
export function findNchan(): Installed | undefined {
  if (process.platform !== 'linux') return undefined;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const nginx = folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path));
  const nchan = MODULES.map((folder) => join(folder, 'ngx_nchan_module.so')).find((path) => existsSync(path));
  return nginx === undefined || nchan === undefined ? undefined : { nginx, nchan };
}

/** One worker, as the others have one process. It keeps messages for a while, as the hub's ring does. */
export async function startNginx(
  { nginx, nchan }: Installed,
  { pingEvery, connections }: { readonly pingEvery: number; readonly connections: number },
) {
  const folder = mkdtempSync(join(tmpdir(), 'processflow-nchan-'));
  const port = await freePort();
  writeFileSync(
    join(folder, 'nginx.conf'),
    `load_module ${nchan};
daemon off;
worker_processes 1;
worker_rlimit_nofile ${connections + 1_000};
pid nginx.pid;
error_log stderr emerg;
events { worker_connections ${connections + 500}; }
http {
  access_log off;
  keepalive_requests 1000000000;
  nchan_shared_memory_size 512M;
  nchan_message_timeout 30s;
  nchan_message_buffer_length 5000;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location ~ ^/subscribe/(\\d+)$ {
      nchan_subscriber eventsource;
      nchan_channel_id $1;
      nchan_subscriber_first_message newest;
      nchan_eventsource_ping_interval ${Math.max(1, Math.round(pingEvery / SECOND))};
    }
    location ~ ^/publish/(\\d+)$ {
      nchan_publisher;
      nchan_channel_id $1;
    }
  }
}
`,
  );
  const master = spawn(nginx, ['-p', folder, '-c', 'nginx.conf'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = once(master, 'exit');
  // Also when this process fails.
  process.once('exit', () => master.kill());
  const publisher = await connectTo(port, master);
  await awaitWorker(publisher);
  const close = async (): Promise<void> => {
    publisher.destroy();
    master.kill();
    await exited;
    rmSync(folder, { recursive: true });
  };
  return { port, publisher, usage: () => usageOf(workersOf(master.pid!)), close };
}

/** Below those that systems give to whoever asks for any: nobody takes it before nginx does. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 16_000);
    const probe = createServer();
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    probe.close();
    // oxlint-disable-next-line no-await-in-loop
    await once(probe, 'close');
    return port;
  }
}

/** Until it accepts connections, or has ended. */
async function connectTo(port: number, master: ChildProcess): Promise<Socket> {
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    if (connected) return socket;
    if (master.exitCode !== null) throw new Error(`nginx ended with ${master.exitCode}`);
  }
}

/** The port accepts connections before there is a worker to answer them. */
async function awaitWorker(publisher: Socket): Promise<void> {
  publisher.write('POST /publish/0 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello');
  const answer = (await Promise.race([once(publisher, 'data'), once(publisher, 'close')])) as unknown[];
  const status = String(answer[0]).split('\r\n')[0];
  if (!status?.startsWith('HTTP/1.1 20')) throw new Error(`Nchan does not take what is published: ${status}`);
}

function workersOf(master: number): number[] {
  return readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ').map(Number);
}

let ticks: number | undefined;

function usageOf(pids: readonly number[]): { cpu: number; rss: number } {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  let [cpu, rss] = [0, 0];
  for (const pid of pids) {
    // What follows the name, which may hold anything: state is field 3, user time 14, system time 15.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    cpu += (Number(fields[11]) + Number(fields[12])) / ticks;
    rss += 1_024 * Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  }
  return { cpu, rss };
}
